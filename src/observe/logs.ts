import { nearest } from "../define/near-name.ts";
import { SkeinError } from "../model/error.ts";
import type { Logged } from "../model/event.ts";
import { parseItemId, type RunId } from "../model/id.ts";
import type { LogRecord } from "../model/log.ts";
import type { LogReader } from "../ports/log-sink.ts";
import { History, isMap } from "./history.ts";
import { nodeOf } from "./input-resource.ts";
import type { LogLine } from "./resources.ts";
import { readRecord } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { isoTime } from "./time.ts";

export interface LogSources extends Pick<Sources, "state"> {
  readonly logs: LogReader;
}

export interface LogQuery {
  /** Only of this step run; without it, the pipeline function's own lines are there too. */
  readonly step?: string;
  readonly attempt?: number;
  /** Go on after what an earlier read gave. */
  readonly cursor?: string;
  /** Stop when there are about so many lines; then at least one comes, if there are any more. Default: all. */
  readonly limit?: number;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
}

/**
 * Lines by time: those of steps from where they were logged to, those of the pipeline function from the journal.
 *
 * @throws SkeinError `unknown_run`, `unknown_step`, `bad_option` for a cursor that no read gave
 */
export async function readLogs(sources: LogSources, run: string, query: LogQuery = {}): Promise<LogPage> {
  const record = await readRecord(sources, run);
  const history = History.of((await sources.state.readTail(record.id, -1)).entries);
  const from = parseCursor(query.cursor);
  const { step, attempt } = query;
  const narrowed = step === undefined || isMapOf(history, step) ? {} : { step };
  const { records, cursor } = await readSteps(sources.logs, record.id, query, { ...narrowed, cursor: from.steps });
  const until = from.own + (query.limit ?? Infinity);
  const own = step === undefined && attempt === undefined ? history.logged.slice(0, until) : [];
  const timed = [...own.slice(from.own), ...records].toSorted((a, b) => a.at - b.at);
  return { lines: timed.map(lineOf), cursor: `${Math.max(own.length, from.own)}:${cursor}` };
}

async function readSteps(
  logs: LogReader,
  run: RunId,
  { step, attempt, limit }: LogQuery,
  { cursor, ...narrowed }: { readonly step?: string; readonly cursor: string },
): ReturnType<LogReader["read"]> {
  const query = { ...narrowed, ...(attempt === undefined ? {} : { attempt }), ...(limit === undefined ? {} : { limit }) };
  for (let from = cursor; ;) {
    const page = await logs.read(run, from === "" ? query : { ...query, cursor: from });
    const records = page.records.filter((line) => isOf(line, step));
    if (records.length > 0 || page.records.length < (limit ?? Infinity)) return { records, cursor: page.cursor };
    // A part in which other steps only said something.
    from = page.cursor;
  }
}

/** Throws `unknown_step` for what is no step run of this run so far. */
function isMapOf(history: History, step: string): boolean {
  const call = history.call(nodeOf(history, step));
  if (call !== undefined) return isMap(call) && step === call.call.id;
  const near = nearest(
    step,
    [...history.calls].map((known) => known.call.id),
  );
  const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  throw new SkeinError("unknown_step", `The run has no step run "${step}" so far.${hint}`);
}

/** A map stands for all its items. */
function isOf(line: LogRecord, step: string | undefined): boolean {
  if (line.step === undefined) return false;
  return step === undefined || line.step === step || parseItemId(line.step)?.map === step;
}

function parseCursor(cursor = "0:"): { readonly own: number; readonly steps: string } {
  const [, own, steps] = /^(\d{1,15}):(.*)$/s.exec(cursor) ?? [];
  if (own === undefined || steps === undefined)
    throw new SkeinError("bad_option", `${JSON.stringify(cursor.slice(0, 60))} is no log cursor: give one that an earlier read gave.`);
  return { own: Number(own), steps };
}

function lineOf(record: Logged | LogRecord): LogLine {
  return {
    at: isoTime(record.at),
    level: record.level,
    ...("step" in record ? { step: record.step } : {}),
    ...("attempt" in record ? { attempt: record.attempt } : {}),
    message: record.message,
    ...(record.fields === undefined ? {} : { fields: record.fields }),
  };
}
