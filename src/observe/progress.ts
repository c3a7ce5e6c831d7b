import type { AttemptKey } from "../model/attempt.ts";
import type { Failure } from "../model/failure.ts";
import type { RunRecord } from "../model/run.ts";
import type { CallHistory } from "./call-history.ts";
import { History, isMap } from "./history.ts";
import { countItems, itemsOf, mapState } from "./map-state.ts";
import { liveStatus, liveWaits } from "./run.ts";
import type { RunStatus, StatusCounts, StepRunStatus, WaitResource } from "./resources.ts";
import { viewOf, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { addCounts, countStatuses } from "./status-counts.ts";
import { noRows, rowsOf, stepState, type AttemptRows } from "./step-state.ts";

/** A step run or a map, as far as it has come. */
export interface StepProgress {
  readonly id: string;
  readonly kind: "step" | "map";
  readonly status: StepRunStatus;
  readonly attempt: number;
  /** Epoch milliseconds. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly error?: Failure;
  readonly reason?: string;
  readonly items?: { readonly total: number; readonly counts: StatusCounts };
}

export interface Progress {
  readonly status: RunStatus;
  readonly steps: StatusCounts;
  readonly running: readonly StepProgress[];
  /** Of what started, ended or began another attempt since the last look. */
  readonly changed: readonly StepProgress[];
  /** What the pipeline function waits for, apart from steps; absent: nothing. */
  readonly waits?: readonly WaitResource[];
}

/** Watches a run: each look reads only what came since the last one, and the rows of what is open. */
export class RunWatch {
  readonly #sources: Sources;
  readonly #record: RunRecord;
  readonly #history = new History();
  /** What the last look said of each call. */
  readonly #known = new Map<string, string>();
  /** Calls whose last word has been said. */
  readonly #over = new Set<string>();

  constructor(sources: Sources, record: RunRecord) {
    this.#sources = sources;
    this.#record = record;
  }

  /** `now`: epoch milliseconds. */
  async look(now: number): Promise<Progress> {
    const tail = await this.#sources.state.readTail(this.#record.id, this.#history.head?.seq ?? -1);
    this.#history.add(tail.entries);
    const view = viewOf(this.#record, this.#history, tail.stop !== undefined, now);
    const calls = [...this.#history.calls];
    const told = calls.filter((call) => call.final === undefined || !this.#over.has(call.call.id));
    const steps = await this.#progressOf(view, told);
    const open = steps.filter((_, i) => told[i]?.final === undefined);
    return {
      status: view.end?.status ?? liveStatus(view),
      steps: await this.#count(view, calls, open),
      running: open.filter((step) => step.status === "running"),
      changed: steps.filter((step, i) => this.#isNews(step, told[i])),
      ...liveWaits(view),
    };
  }

  async #progressOf(view: RunView, calls: readonly CallHistory[]): Promise<readonly StepProgress[]> {
    const keys = calls.filter((call) => !isMap(call) && call.call.runtime === "isolated").map((call) => lastKey(view, call));
    const rows = keys.length === 0 ? [] : await this.#sources.state.readAttempts(keys);
    const byId = new Map(keys.map((key, i) => [key.id, rowsOf(key.attempt, rows[i])]));
    return Promise.all(calls.map((call) => progressOf(this.#sources, view, call, byId.get(call.call.id) ?? noRows)));
  }

  async #count(view: RunView, calls: readonly CallHistory[], open: readonly StepProgress[]): Promise<StatusCounts> {
    const ended = calls.flatMap((call) => (call.final === undefined || isMap(call) ? [] : [call.final.outcome.status]));
    let counts = countStatuses([...ended, ...open.filter((step) => step.kind === "step").map((step) => step.status)]);
    for (const step of open) counts = addCounts(counts, step.items?.counts ?? {});
    for (const call of calls)
      if (isMap(call) && call.final !== undefined) counts = addCounts(counts, await countItems(this.#sources, view, call));
    return counts;
  }

  #isNews(step: StepProgress, call: CallHistory | undefined): boolean {
    // An outcome may lie in its row a while before the run sees it: it is news once.
    const state = `${step.status} ${step.attempt}`;
    if (call?.final !== undefined) this.#over.add(step.id);
    const isNew = this.#known.get(step.id) !== state;
    this.#known.set(step.id, state);
    return isNew && step.status !== "pending";
  }
}

async function progressOf(sources: Sources, view: RunView, call: CallHistory, rows: AttemptRows): Promise<StepProgress> {
  const state = isMap(call) ? mapState(call, rows, view.moment) : stepState(call, rows, view.moment);
  const last = state.attempts.at(-1);
  const items = isMap(call) ? itemsOf(call) : undefined;
  const startedAt = last?.startedAt ?? (items === undefined ? undefined : call.launches.get(1)?.at);
  const endedAt = last?.endedAt ?? call.final?.at;
  return {
    id: call.call.id,
    kind: isMap(call) ? "map" : "step",
    status: state.status,
    attempt: last?.attempt ?? 0,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(state.outcome?.status === "failed" ? { error: state.outcome.error } : {}),
    ...(state.reason === undefined ? {} : { reason: state.reason }),
    ...(isMap(call) && items !== undefined ? { items: { total: items, counts: await countItems(sources, view, call) } } : {}),
  };
}

function lastKey(view: RunView, call: CallHistory): AttemptKey {
  return { run: view.record.id, id: call.call.id, attempt: Math.max(1, ...call.launches.keys()) };
}
