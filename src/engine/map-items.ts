import { parseItemId, type RunId, type StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import { retryDelayMs, type CallPolicy } from "../model/policy.ts";
import type { StoredAttempt } from "../ports/state-store.ts";
import type { AttemptRow } from "../model/attempt.ts";

/** What all items of a map have in common. */
export interface MapFacts {
  readonly run: RunId;
  readonly step: string;
  readonly policy: CallPolicy;
}

/** Where an item of a map stands, by all the rows of its attempts. */
export interface ItemState {
  readonly index: number;
  readonly id: StepRunId;
  readonly attempt: number;
  readonly row: AttemptRow;
  /** Attempts that failed and count against the retries. */
  readonly failures: number;
  /** Its outcome, when no further attempt will come. */
  readonly final: Outcome | undefined;
  /** The pause before the next attempt, when one is due. */
  readonly retryAfterMs: number | undefined;
}

/** Items by index; those without a row are absent. */
export function itemStates(rows: readonly StoredAttempt[], policy: CallPolicy): ReadonlyMap<number, ItemState> {
  const attempts = new Map<number, StoredAttempt[]>();
  for (const stored of rows) {
    const index = parseItemId(stored.id)?.index;
    if (index === undefined) continue;
    const others = attempts.get(index);
    if (others === undefined) attempts.set(index, [stored]);
    else others.push(stored);
  }
  return new Map([...attempts].map(([index, stored]) => [index, itemState(index, stored, policy)]));
}

function itemState(index: number, attempts: readonly StoredAttempt[], policy: CallPolicy): ItemState {
  const last = attempts.reduce((latest, stored) => (stored.attempt > latest.attempt ? stored : latest));
  const failures = attempts.filter(
    ({ row }) => row.status === "ended" && row.outcome.status === "failed" && row.outcome.error.interrupted !== true,
  ).length;
  const { id, attempt, row } = last;
  if (row.status === "running") return { index, id, attempt, row, failures, final: undefined, retryAfterMs: undefined };
  const retryAfterMs = row.outcome.status === "failed" ? retryDelayMs(policy, row.outcome.error, failures) : undefined;
  return { index, id, attempt, row, failures, final: retryAfterMs === undefined ? row.outcome : undefined, retryAfterMs };
}
