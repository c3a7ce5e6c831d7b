import { SkeinError } from "../../model/error.ts";
import type { LogRecord } from "../../model/log.ts";
import type { LogSink } from "../../ports/log-sink.ts";

/** Lambda makes a log event of each line, and splits those above CloudWatch's 256 KB. */
const maxLineBytes = 200_000;

/** Writes text, in order, and says when it is out of this process's hands: `process.stdout.write`. */
export type TextWriter = (text: string, done: (error?: Error | null) => void) => unknown;

/** Logs as lines of JSON, one a record, for a place that collects what its processes write. */
export class LineLogSink implements LogSink {
  readonly #write: TextWriter;
  #written: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(write: TextWriter) {
    this.#write = write;
  }

  /** A line that would be too long loses its fields and the end of its message, and says so. */
  write(records: readonly LogRecord[]): void {
    if (records.length === 0) return;
    const text = records.map((record) => `${lineOf(record)}\n`).join("");
    const before = this.#written;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#written = before.then(() => promise);
    this.#write(text, (error) => {
      this.#failure ??= error ?? undefined;
      resolve();
    });
  }

  /** Fails with `store_unwritable` if any line since the last flush could not be written. */
  async flush(): Promise<void> {
    await this.#written;
    const cause = this.#failure;
    this.#failure = undefined;
    if (cause !== undefined) throw new SkeinError("store_unwritable", `Log lines could not be written: ${cause.message}`, { cause });
  }
}

function lineOf(record: LogRecord): string {
  const line = JSON.stringify(record);
  const bytes = Buffer.byteLength(line);
  if (bytes <= maxLineBytes) return line;
  const { fields, message, ...rest } = record;
  const lost = `${fields === undefined ? "" : ", its fields left out"}: the line had ${bytes} bytes of at most ${maxLineBytes}`;
  return shortened(message, (text, isCut) => JSON.stringify({ ...rest, message: `${text} [${isCut ? "cut" : "whole"}${lost}]` }));
}

/** The line of the longest beginning of a message that fits, more or less. */
function shortened(message: string, lineWith: (text: string, isCut: boolean) => string): string {
  for (let length = message.length; ;) {
    const line = lineWith(message.slice(0, length), length < message.length);
    const bytes = Buffer.byteLength(line);
    if (bytes <= maxLineBytes || length === 0) return line;
    length = Math.floor((length * maxLineBytes * 0.98) / bytes);
  }
}
