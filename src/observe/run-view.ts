import { SkeinError } from "../model/error.ts";
import { parseRunId, type RunId } from "../model/id.ts";
import type { RunEnd, RunRecord } from "../model/run.ts";
import { History } from "./history.ts";
import type { Sources } from "./sources.ts";
import type { Moment } from "./step-state.ts";

/** A run as its record and its journal tell it, at one moment. */
export interface RunView {
  readonly record: RunRecord;
  readonly history: History;
  readonly stopAsked: boolean;
  readonly end: RunEnd | undefined;
  readonly moment: Moment;
}

/** Reads record and journal. Throws `unknown_run`. */
export async function readView(sources: Sources, run: string, now: number): Promise<RunView> {
  const record = await readRecord(sources, run);
  const tail = await sources.state.readTail(record.id, -1);
  return viewOf(record, History.of(tail.entries), tail.stop !== undefined, now);
}

/** Throws `unknown_run`. */
export async function readRecord(sources: Pick<Sources, "state">, run: string): Promise<RunRecord> {
  const id = parseRunId(run);
  const record = id === undefined ? undefined : await sources.state.readRun(id);
  if (record === undefined) throw unknownRun(run);
  return record;
}

export function viewOf(record: RunRecord, history: History, stopAsked: boolean, now: number): RunView {
  const end = record.ended ?? endOf(history);
  return {
    record,
    history,
    stopAsked: stopAsked || history.isStopping,
    end,
    moment: { now, ...(end === undefined ? {} : { ended: end.status }) },
  };
}

/** The journal's word, where the process died before it was copied to the record. */
function endOf(history: History): RunEnd | undefined {
  const { ended, head } = history;
  if (ended === undefined || head === undefined) return undefined;
  return {
    status: ended.status,
    at: ended.at,
    ...(ended.error === undefined ? {} : { error: ended.error }),
    outputs: ended.outputs,
    totals: head.totals,
    entries: head.seq + 1,
    startedAt: history.startedAt ?? ended.at,
  };
}

function unknownRun(run: RunId | string): SkeinError {
  return new SkeinError("unknown_run", `There is no run "${run}" here.`);
}
