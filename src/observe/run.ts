import type { AttemptKey } from "../model/attempt.ts";
import type { RunEnd, RunRecord } from "../model/run.ts";
import { decodeValue } from "../model/value.ts";
import { runOutputResources } from "./artifact-resource.ts";
import { errorResource } from "./error-resource.ts";
import type { CallHistory } from "./call-history.ts";
import { isMap } from "./history.ts";
import { jsonView } from "./json-view.ts";
import { countItems } from "./map-state.ts";
import type { RunResource, RunStatus, StatusCounts } from "./resources.ts";
import { readRecord, readView, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { addCounts, countStatuses, statusCounts, totalOf } from "./status-counts.ts";
import { noRows, rowsOf, stepState, type AttemptRows } from "./step-state.ts";
import { isoTime } from "./time.ts";

/** The run at this moment (`now`: epoch milliseconds). Throws `unknown_run`. */
export async function describeRun(sources: Sources, run: string, now: number): Promise<RunResource> {
  return describeRecord(sources, await readRecord(sources, run), now);
}

/** The same for a record at hand: of a run that has ended nothing more is read. */
export async function describeRecord(sources: Sources, record: RunRecord, now: number): Promise<RunResource> {
  return record.ended === undefined
    ? describeView(sources, await readView(sources, record.id, now))
    : endedRun(sources, record, record.ended);
}

/** The same for a run whose journal is at hand. */
export async function describeView(sources: Sources, view: RunView): Promise<RunResource> {
  if (view.end !== undefined) return endedRun(sources, view.record, view.end);
  const { head, startedAt } = view.history;
  return {
    ...identity(view.record),
    status: liveStatus(view),
    ...(startedAt === undefined ? {} : { startedAt: isoTime(startedAt) }),
    outputs: {},
    steps: await countSteps(sources, view),
    turns: head?.totals.turns ?? 0,
    journalEntries: head === undefined ? 0 : head.seq + 1,
    ...liveWaits(view),
  };
}

/** Of a run that was asked to stop nobody waits any more. */
export function liveWaits({ stopAsked, history }: RunView): Pick<RunResource, "waits"> {
  const waits = stopAsked ? [] : history.waits.resources;
  return waits.length === 0 ? {} : { waits };
}

export function liveStatus(view: RunView): RunStatus {
  if (view.stopAsked) return "stopping";
  return view.history.head === undefined ? "pending" : "running";
}

function endedRun(sources: Sources, record: RunRecord, end: RunEnd): RunResource {
  return {
    ...identity(record),
    status: end.status,
    startedAt: isoTime(end.startedAt),
    endedAt: isoTime(end.at),
    ...(end.error === undefined ? {} : { error: errorResource(end.error) }),
    outputs: runOutputResources(end.outputs, sources.artifacts),
    steps: endedCounts(end),
    turns: end.totals.turns,
    journalEntries: end.entries,
  };
}

/** A call whose end the run did not wait to see never started: it counts as cancelled. */
function endedCounts(end: RunEnd): StatusCounts {
  const counts = statusCounts(end.totals.ended);
  const unseen = end.totals.called - totalOf(counts);
  return unseen > 0 ? addCounts(counts, { cancelled: unseen }) : counts;
}

function identity(record: RunRecord): Pick<RunResource, "id" | "pipeline" | "mode" | "params" | "codeVersion" | "createdAt" | "tags"> {
  return {
    id: record.id,
    pipeline: record.pipeline,
    mode: record.mode,
    params: jsonView(decodeValue(record.params)),
    codeVersion: record.codeVersion,
    createdAt: isoTime(record.createdAt),
    tags: record.tags,
  };
}

/** Reads the rows of what is open only, however long the journal. */
async function countSteps(sources: Sources, view: RunView): Promise<StatusCounts> {
  const calls = [...view.history.calls];
  const open = await readOpenRows(sources, view, calls);
  let counts = countStatuses(
    calls.filter((call) => !isMap(call)).map((call) => stepState(call, open.get(call.call.id) ?? noRows, view.moment).status),
  );
  for (const map of calls.filter(isMap)) counts = addCounts(counts, await countItems(sources, view, map));
  return counts;
}

/** Rows of the last attempt of isolated steps whose outcome the run has not seen. */
async function readOpenRows(sources: Sources, view: RunView, calls: readonly CallHistory[]): Promise<ReadonlyMap<string, AttemptRows>> {
  const keys = calls.flatMap((call) => openKey(view, call));
  const rows = keys.length === 0 ? [] : await sources.state.readAttempts(keys);
  return new Map(keys.map((key, i) => [key.id, rowsOf(key.attempt, rows[i])]));
}

function openKey(view: RunView, call: CallHistory): readonly AttemptKey[] {
  const attempt = Math.max(0, ...call.launches.keys());
  if (attempt === 0 || isMap(call) || call.call.runtime === "inline" || call.final !== undefined || call.outcomes.has(attempt)) return [];
  return [{ run: view.record.id, id: call.call.id, attempt }];
}
