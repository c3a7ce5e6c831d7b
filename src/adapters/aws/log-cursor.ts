import { hash } from "node:crypto";
import { SkeinError } from "../../model/error.ts";

/** CloudWatch shows events some seconds after they were written, those of one stream perhaps sooner than those of another. */
const overlapMs = 15_000;
/** A cursor travels in a URL. */
const maxMarks = 250;
const markLength = 6;

/** An event as far as a cursor looks at it. */
export interface CursorEvent {
  readonly id: string;
  readonly at: number;
}

/**
 * Where reading goes on: a while before the last event that was read, since earlier ones may still come, with marks of those
 * that were read from there on.
 */
export class LogCursor {
  /** Epoch milliseconds. */
  readonly from: number;
  readonly #marks: ReadonlyMap<string, number>;

  private constructor(from: number, marks: ReadonlyMap<string, number>) {
    this.from = from;
    this.#marks = marks;
  }

  /** @throws SkeinError `bad_option` for a text that is no cursor */
  static parse(text: string | undefined, from: number): LogCursor {
    if (text === undefined) return new LogCursor(from, new Map());
    const [, start, marks = ""] = /^(\d{1,15})\.((?:[\w-]{6}\.\d{1,5}\.)*)$/.exec(text) ?? [];
    const bad = `${JSON.stringify(text.slice(0, 60))} is no log cursor: give one that an earlier read of the same run gave.`;
    if (start === undefined) throw new SkeinError("bad_option", bad);
    const pairs = [...marks.matchAll(/([\w-]{6})\.(\d+)\./g)];
    return new LogCursor(Number(start), new Map(pairs.map(([, mark = "", after]) => [mark, Number(start) + Number(after)])));
  }

  has(event: CursorEvent): boolean {
    return this.#marks.has(markOf(event));
  }

  /** The cursor after these, too. Where very many come at once it looks back less. */
  after(events: readonly CursorEvent[]): LogCursor {
    const last = events.reduce((at, event) => Math.max(at, event.at), this.from + overlapMs);
    const from = Math.max(this.from, last - overlapMs);
    const all = [...this.#marks, ...events.map((event): [string, number] => [markOf(event), event.at])];
    const recent = all.filter(([, at]) => at >= from).toSorted(([, a], [, b]) => b - a);
    const first = recent[maxMarks];
    // Those of the millisecond at which there are too many are all passed over.
    if (first === undefined) return new LogCursor(from, new Map(recent));
    return new LogCursor(first[1] + 1, new Map(recent.filter(([, at]) => at > first[1])));
  }

  toString(): string {
    const marks = [...this.#marks].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `${this.from}.${marks.map(([mark, at]) => `${mark}.${at - this.from}.`).join("")}`;
  }
}

function markOf({ id }: CursorEvent): string {
  return hash("sha256", id, "base64url").slice(0, markLength);
}
