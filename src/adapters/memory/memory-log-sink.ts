import type { RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";
import type { LogReader, LogReaderQuery, LogSink } from "../../ports/log-sink.ts";
import { asksFor, positionOf } from "../log-query.ts";

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

  async read(run: RunId, query: LogReaderQuery = {}): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }> {
    const from = positionOf(query);
    const all = this.#records.get(run) ?? [];
    const asked = all.flatMap((record, at) => (at >= from && asksFor(query, record) ? [{ record, at }] : []));
    const page = asked.slice(0, query.limit ?? asked.length);
    const last = page.length < asked.length ? page.at(-1)?.at : undefined;
    return { records: page.map(({ record }) => record), cursor: String(last === undefined ? Math.max(from, all.length) : last + 1) };
  }
}
