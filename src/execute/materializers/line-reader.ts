import type { ArtifactReader } from "../../define/materializer.ts";
import { SkeinError } from "../../model/error.ts";
import { altered, digestOf } from "../digest.ts";
import { textOf } from "../artifact-reader.ts";
import { decodePage, fanOut, pageLevels, type Line } from "./line-index.ts";
import { rootKey } from "./line-writer.ts";

/** Bytes of items that are read at once by those who read them in a row: few requests, little memory. */
const runBytes = 4 * 1_048_576;

/** Finds what `LineWriter` wrote; every item is checked before anybody sees it. */
export class LineReader {
  readonly #reader: ArtifactReader;

  constructor(reader: ArtifactReader) {
    this.#reader = reader;
  }

  get count(): number {
    return this.#reader.ref.itemCount ?? 0;
  }

  async item(index: number): Promise<string> {
    const line = (await this.#leaf(index))[index % fanOut];
    if (line === undefined) throw this.#corrupt(`has no item ${index}`);
    return this.#read(line);
  }

  /** The items from index `from` up to, not including, `to`. */
  async *items(from = 0, to = this.count): AsyncGenerator<string> {
    for (let index = from; index < to;) {
      const first = index % fanOut;
      const lines = (await this.#leaf(index)).slice(first, first + to - index);
      if (lines.length === 0) throw this.#corrupt(`has no item ${index}`);
      for (const run of runsOf(lines)) yield* this.#run(run);
      index += lines.length;
    }
  }

  async *#run(lines: readonly Line[]): AsyncGenerator<string> {
    const start = lines[0]?.start ?? 0;
    const last = lines.at(-1);
    const bytes = await this.#reader.range(start, last === undefined ? start : last.start + last.bytes);
    for (const line of lines) {
      const item = bytes.subarray(line.start - start, line.start - start + line.bytes);
      if (digestOf(item) !== line.digest) throw altered(this.#reader.ref, `byte ${line.start}`);
      yield withoutFeed(item);
    }
  }

  /** The page that covers the item; pages are kept, so that the way down from the root is usually no read. */
  async #leaf(index: number): Promise<readonly Line[]> {
    let page = decodePage(await this.#read(this.#root()));
    for (let level = pageLevels(this.count); level > 1; level--) {
      const child = page[Math.floor(index / fanOut ** (level - 1)) % fanOut];
      if (child === undefined) throw this.#corrupt(`has no index page for item ${index}`);
      page = decodePage(await this.#read(child));
    }
    return page;
  }

  async #read(line: Line): Promise<string> {
    return withoutFeed(await this.#reader.range(line.start, line.start + line.bytes, line.digest));
  }

  #root(): Line {
    const root = this.#reader.ref.metadata?.[rootKey];
    if (typeof root === "object" && root !== null && "start" in root && "bytes" in root && "digest" in root) {
      const { start, bytes, digest } = root;
      if (typeof start === "number" && typeof bytes === "number" && typeof digest === "string") return { start, bytes, digest };
    }
    throw this.#corrupt(`does not say where its index is (metadata "${rootKey}")`);
  }

  #corrupt(what: string): SkeinError {
    return new SkeinError(
      "store_corrupt",
      `The reference of artifact ${this.#reader.ref.id} ${what}: it was changed after it was recorded.`,
    );
  }
}

function withoutFeed(line: Uint8Array): string {
  return textOf(line.subarray(0, -1));
}

/** Neighbouring lines, in stretches of about `runBytes`. */
function* runsOf(lines: readonly Line[]): Generator<readonly Line[]> {
  let run: Line[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (run.length > 0 && bytes + line.bytes > runBytes) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(line);
    bytes += line.bytes;
  }
  if (run.length > 0) yield run;
}
