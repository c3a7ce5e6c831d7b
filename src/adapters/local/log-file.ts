import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SkeinError } from "../../model/error.ts";
import { parseRunId, type RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";
import type { LogReader, LogReaderQuery, LogSink } from "../../ports/log-sink.ts";
import { asksFor, positionOf } from "../log-query.ts";
import { isAbsent, unreadable, unwritable } from "./file-error.ts";
import { inFolder } from "./file-folder.ts";
import { formatLine, parseLine } from "./log-line.ts";

/** How long a line may wait for others to be written with, so that a chatty step makes few system calls. */
const flushAfterMs = 50;
/** As many characters wait at most. */
const maxWaiting = 65_536;
const readBytes = 1 << 20;
const newline = 0x0a;

/**
 * Logs as JSON lines, a file a run: `<folder>/<run>.jsonl`. Any number of processes append to it at once. Each hands all its
 * waiting lines to one `write` in append mode, which local file systems of Linux and macOS carry out as a whole, whatever
 * its size: lines of different writers never mix there. Network file systems promise no such thing. A line cut off by a
 * killed writer is passed over when reading. When writing fails, the lines are lost and `flush` says so.
 */
export class LogFile implements LogSink, LogReader {
  readonly #folder: string;
  readonly #waiting = new Map<RunId, string>();
  #characters = 0;
  #timer: NodeJS.Timeout | undefined;
  #failure: SkeinError | undefined;

  /** The folder is made with the first line. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  write(records: readonly LogRecord[]): void {
    for (const record of records) {
      this.#pathOf(record.run);
      const line = formatLine(record);
      this.#waiting.set(record.run, (this.#waiting.get(record.run) ?? "") + line);
      this.#characters += line.length;
    }
    if (this.#characters > maxWaiting) this.#writeOut();
    else if (this.#characters > 0) this.#timer ??= setTimeout(() => this.#writeOut(), flushAfterMs);
  }

  /** Fails with `store_unwritable` (or `store_unavailable`) if any line since the last flush could not be written. */
  async flush(): Promise<void> {
    this.#writeOut();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #writeOut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#characters = 0;
    for (const [run, lines] of waiting) {
      const path = this.#pathOf(run);
      try {
        inFolder(path, () => append(path, lines));
      } catch (error) {
        this.#failure ??= unwritable(path, error);
      }
    }
  }

  /** `cursor` is a place in the file, whatever the filter: a following read may ask for something else. */
  async read(run: RunId, query: LogReaderQuery = {}): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }> {
    let end = positionOf(query);
    const records: LogRecord[] = [];
    for await (const lines of wholeLines(this.#pathOf(run), end)) {
      end += lines.length;
      for (const line of lines.toString().split("\n")) {
        const record = line === "" ? undefined : parseLine(run, line);
        if (record !== undefined && asksFor(query, record)) records.push(record);
      }
      if (records.length >= (query.limit ?? Infinity)) break;
    }
    return { records, cursor: String(end) };
  }

  /** Ids come from command lines, too: nothing but a run's id may become a path. */
  #pathOf(run: RunId): string {
    const bad = `${JSON.stringify(String(run).slice(0, 60))} is no run's id: they begin with "run_".`;
    if (parseRunId(run) === undefined) throw new SkeinError("bad_option", bad);
    return join(this.#folder, `${run}.jsonl`);
  }
}

function append(path: string, lines: string): void {
  const file = openSync(path, "a+");
  try {
    const bytes = Buffer.from(endsInMidLine(file) ? `\n${lines}` : lines);
    // A short write happens on a full disk only; the rest then fails with the reason.
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
  } finally {
    closeSync(file);
  }
}

/** A killed writer's half line must not swallow the next one. Seeing another writer's half by chance costs an empty line. */
function endsInMidLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== newline;
}

/** The file's bytes from `from` up to its last newline, in pieces that end with one. */
async function* wholeLines(path: string, from: number): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path);
    let held: Buffer[] = [];
    for (let at = from; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(readBytes), 0, readBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      const piece = buffer.subarray(0, bytesRead);
      const cut = piece.lastIndexOf(newline) + 1;
      if (cut === 0) held.push(piece);
      else {
        yield Buffer.concat([...held, piece.subarray(0, cut)]);
        held = [piece.subarray(cut)];
      }
    }
  } catch (error) {
    if (!isAbsent(error)) throw unreadable(path, error);
  }
}
