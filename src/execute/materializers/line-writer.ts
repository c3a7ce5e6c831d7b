import type { Metadata } from "../../model/failure.ts";
import { digestOf } from "../digest.ts";
import { encodePage, fanOut, type Line } from "./line-index.ts";

/** Key of an artifact's metadata under which the place and digest of its root page lie. */
export const rootKey = "skein.index";

/**
 * Writes a list as lines of text that can be read one by one: after every 512 lines comes a line that is their index page,
 * after every 512 pages a page of pages, and so on up to the root, which is the last line. A page names the place and the
 * SHA-256 of each of its lines; the artifact's reference names those of the root. So any item is found in two or three small
 * reads, neither writer nor reader holds the list, and no byte can be altered unseen.
 */
export class LineWriter {
  /** Lines that no page covers yet: the list's own, then pages by level. */
  readonly #open: Line[][] = [[]];
  #at = 0;
  #root: Line | undefined;
  /** Items added. */
  count = 0;

  /** The text to write for one more item, whose encoding holds no line feed. */
  add(encoded: string): string {
    this.count++;
    return this.#write(0, `${encoded}\n`);
  }

  /** The text to write after the last item. */
  end(): string {
    let text = this.count === 0 || this.#lines(0).length > 0 ? this.#page(0) : "";
    for (let level = 1; this.#root === undefined; level++) {
      const lines = this.#lines(level);
      if (lines.length === 1 && level === this.#open.length - 1) this.#root = lines[0];
      else if (lines.length > 0) text += this.#page(level);
    }
    return text;
  }

  /** What the artifact's reference has to say of it; known after the end. */
  metadata(): Metadata {
    return this.#root === undefined ? {} : { [rootKey]: { ...this.#root } };
  }

  #lines(level: number): Line[] {
    return (this.#open[level] ??= []);
  }

  #write(level: number, text: string): string {
    const line = { start: this.#at, bytes: Buffer.byteLength(text), digest: digestOf(text) };
    this.#at += line.bytes;
    return this.#lines(level).push(line) === fanOut ? text + this.#page(level) : text;
  }

  #page(level: number): string {
    const text = `${encodePage(this.#lines(level))}\n`;
    this.#open[level] = [];
    return this.#write(level + 1, text);
  }
}
