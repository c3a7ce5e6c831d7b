import type { AttemptRow } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Place } from "../model/place.ts";
import { retryDelayMs, type CallPolicy } from "../model/policy.ts";
import type { RunEnd } from "../model/run.ts";
import type { CallHistory } from "./call-history.ts";
import type { StepRunStatus } from "./resources.ts";

/** One attempt, put together from the journal (launches, outcomes seen) and its row, where it has one. */
export interface AttemptState {
  readonly attempt: number;
  readonly outcome?: Outcome;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly place?: Place;
}

/** A step run at this moment. */
export interface StepState {
  readonly status: StepRunStatus;
  readonly reason?: string;
  readonly attempts: readonly AttemptState[];
  /** How it ended; absent while it has not. */
  readonly outcome?: Outcome;
}

/** What decides how open step runs look: in a run that has ended nothing runs or waits any more. */
export interface Moment {
  readonly now: number;
  readonly ended?: RunEnd["status"];
}

export type AttemptRows = ReadonlyMap<number, AttemptRow>;
export const noRows: AttemptRows = new Map();

export function rowsOf(attempt: number, row: AttemptRow | undefined): AttemptRows {
  return row === undefined ? noRows : new Map([[attempt, row]]);
}

export function stepState(history: CallHistory, rows: AttemptRows, moment: Moment): StepState {
  const numbers = [...new Set([...history.launches.keys(), ...history.outcomes.keys()])].toSorted((a, b) => a - b);
  const attempts = numbers.map((attempt) => attemptState(history, attempt, rows.get(attempt), moment));
  return settle(attempts, history.final?.outcome ?? unseenEnd(history, attempts.at(-1)), moment);
}

function attemptState(history: CallHistory, attempt: number, row: AttemptRow | undefined, moment: Moment): AttemptState {
  const seen = history.outcomes.get(attempt);
  const launch = history.launches.get(attempt);
  // Inline attempts have no row while they run: once their launch is durable and due, they do.
  const runsInline = history.call.runtime === "inline" && launch !== undefined && launch.at <= moment.now;
  return {
    ...(runsInline ? { startedAt: launch.at } : {}),
    ...rowState(attempt, row),
    ...(seen === undefined ? {} : { outcome: seen.outcome, ...seen.span }),
  };
}

/** What a row says before the run has seen it; a failure counts unless another attempt will follow. */
function unseenEnd(history: CallHistory, last: AttemptState | undefined): Outcome | undefined {
  if (last?.outcome === undefined || history.outcomes.has(last.attempt)) return undefined;
  return history.retriesAfter(last.outcome) ? undefined : last.outcome;
}

/** An item of a map has rows only; where it never started, the end of the map (`mapOutcome`) is its end too. */
export function itemState(policy: CallPolicy | undefined, rows: AttemptRows, mapOutcome: Outcome | undefined, moment: Moment): StepState {
  const attempts = [...rows].toSorted(([a], [b]) => a - b).map(([attempt, row]) => rowState(attempt, row));
  const outcome = attempts.at(-1)?.outcome;
  if (mapOutcome !== undefined) return settle(attempts, outcome, { ...moment, ended: moment.ended ?? "completed" });
  return settle(attempts, itemRetries(policy, attempts) ? undefined : outcome, moment);
}

function itemRetries(policy: CallPolicy | undefined, attempts: readonly AttemptState[]): boolean {
  const failures = attempts.flatMap(({ outcome }) => (outcome?.status === "failed" ? [outcome.error] : []));
  const last = attempts.at(-1)?.outcome;
  if (last?.status !== "failed") return false;
  return retryDelayMs(policy ?? {}, last.error, failures.filter((failure) => failure.interrupted !== true).length) !== undefined;
}

function rowState(attempt: number, row: AttemptRow | undefined): AttemptState {
  if (row === undefined) return { attempt };
  return {
    attempt,
    ...(row.startedAt === undefined ? {} : { startedAt: row.startedAt }),
    ...(row.place === undefined ? {} : { place: row.place }),
    ...(row.status === "ended" ? { outcome: row.outcome, endedAt: row.endedAt } : {}),
  };
}

function settle(attempts: readonly AttemptState[], outcome: Outcome | undefined, moment: Moment): StepState {
  if (outcome !== undefined)
    return { status: outcome.status, ...("reason" in outcome ? { reason: outcome.reason } : {}), attempts, outcome };
  const last = attempts.at(-1);
  const isRunning = last?.startedAt !== undefined && last.outcome === undefined;
  if (moment.ended === undefined) return { status: isRunning ? "running" : "pending", attempts };
  // A failed attempt whose retry was never decided.
  if (last?.outcome !== undefined) return { status: last.outcome.status, attempts, outcome: last.outcome };
  if (isRunning) return { status: "stopped", reason: "the run has ended", attempts };
  return { status: "cancelled", reason: "the run ended before it started", attempts };
}
