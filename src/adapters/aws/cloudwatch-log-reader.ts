import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SkeinError } from "../../model/error.ts";
import type { RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";
import type { LogReader, LogReaderQuery } from "../../ports/log-sink.ts";
import { asksFor } from "../log-query.ts";
import { recordIn } from "../log-record.ts";
import type { ClientOptions } from "./client-config.ts";
import { LogCursor } from "./log-cursor.ts";
import type { LogSearch } from "./logs-client.ts";
import { helpFor } from "./service-error.ts";

const refusals: Readonly<Record<string, string>> = {
  AccessDeniedException: "the role may not do this; grant it logs:FilterLogEvents on the functions' log groups",
};

export interface CloudWatchLogReaderOptions extends ClientOptions {
  /** Names of the functions that run steps. */
  readonly functions: readonly string[];
  /** When lines of a run can have been written, epoch milliseconds; `to` is absent while it goes on. */
  readonly windowOf: (run: RunId) => Promise<{ readonly from: number; readonly to?: number }>;
}

/** A line that was read, and what it was in CloudWatch. */
interface Line {
  readonly id: string;
  readonly at: number;
  readonly record: LogRecord;
}

/** What was read of a log group, and up to which time that is all. */
interface Found {
  readonly lines: readonly Line[];
  readonly until: number;
}

/** Reads what `LineLogSink` wrote to the standard output of functions: CloudWatch has it some seconds later. */
export class CloudWatchLogReader implements LogReader {
  readonly #options: CloudWatchLogReaderOptions;
  #client: CloudWatchLogsClient | undefined;

  constructor(options: CloudWatchLogReaderOptions) {
    this.#options = options;
  }

  /**
   * Lines by time. `cursor`: of a read with the same step and attempt.
   *
   * @throws SkeinError `bad_option` for a cursor that no read gave, `store_unavailable`
   */
  async read(run: RunId, query: LogReaderQuery = {}): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }> {
    const { from, to } = await this.#options.windowOf(run);
    const cursor = LogCursor.parse(query.cursor, from);
    const pattern = patternOf(run, query);
    const searches = this.#options.functions.map((name) => ({ group: `/aws/lambda/${name}`, pattern, from: cursor.from, to }));
    // An emulator ignores the pattern.
    const isAsked = (line: Line) => line.record.run === run && asksFor(query, line.record) && !cursor.has(line);
    const found = await Promise.all(searches.map((search) => this.#search(search, isAsked, query.limit ?? Infinity)));
    // What comes after the last line of a group that was left early waits for the next read.
    const until = Math.min(...found.map(({ until }) => until));
    const lines = found.flatMap((group) => group.lines).filter((line) => line.at <= until);
    const records = lines.map((line) => line.record).toSorted((a, b) => a.at - b.at);
    return { records, cursor: String(cursor.after(lines)) };
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #search(search: LogSearch, isAsked: (line: Line) => boolean, limit: number): Promise<Found> {
    // The SDK's module is loaded with the first read: only those who look at logs need it.
    const { makeLogsClient, searchLogs } = await import("./logs-client.ts");
    this.#client ??= makeLogsClient(this.#options);
    const lines: Line[] = [];
    try {
      for await (const { eventId: id = "", timestamp: at = 0, message = "" } of searchLogs(this.#client, search)) {
        const record = recordIn(message);
        const line = record !== undefined && isOfRun(record) ? { id: `${search.group} ${id}`, at, record } : undefined;
        const until = lines.at(-1)?.at ?? at;
        // A cursor cannot stand within a millisecond.
        if (lines.length >= limit && at > until) return { lines, until };
        if (line !== undefined && isAsked(line)) lines.push(line);
      }
    } catch (error) {
      throw readError(error, search.group);
    }
    return { lines, until: Infinity };
  }
}

/** See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. */
function patternOf(run: RunId, { step, attempt }: LogReaderQuery): string {
  const parts = [`$.run = ${JSON.stringify(run)}`];
  if (step !== undefined) parts.push(`$.step = ${JSON.stringify(step)}`);
  if (attempt !== undefined) parts.push(`$.attempt = ${attempt}`);
  return `{ ${parts.map((part) => `(${part})`).join(" && ")} }`;
}

function isOfRun(record: Omit<LogRecord, "run"> & { readonly run?: unknown }): record is LogRecord {
  return typeof record.run === "string";
}

function readError(error: unknown, group: string): unknown {
  if (!(error instanceof Error)) return error;
  const help = helpFor(error, refusals) ?? "trying again later may help";
  const message = `The log group ${group} cannot be read: ${error.name}: ${error.message}; ${help}`;
  return new SkeinError("store_unavailable", message, { cause: error, data: { group } });
}
