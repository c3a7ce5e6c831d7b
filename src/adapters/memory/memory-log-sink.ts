import type { RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";
import type { LogReader, LogSink } from "../../ports/log-sink.ts";
import { asksFor, positionOf, type LogQuery } from "../log-query.ts";

/** Logs in this process's memory, for tests. */
export class MemoryLogSink implements LogSink, LogReader {
  readonly #records = new Map<RunId, LogRecord[]>();

  write(records: readonly LogRecord[]): void {
    for (const record of records) {
      const ofRun = this.#records.get(record.run);
      if (ofRun === undefined) this.#records.set(record.run, [structuredClone(record)]);
      else ofRun.push(structuredClone(record));
    }
  }

  async flush(): Promise<void> {}

  async read(run: RunId, query: LogQuery = {}): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }> {
    const from = positionOf(query);
    const all = this.#records.get(run) ?? [];
    return { records: all.slice(from).filter((record) => asksFor(query, record)), cursor: String(Math.max(from, all.length)) };
  }
}
