import type { AttemptKey, EndedAttempt, RunningAttempt } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Ran } from "../model/task.ts";
import type { Lost, StateStore, Won } from "../ports/state-store.ts";

/** Takes an attempt for this invocation; nobody else will run it. */
export function claimAttempt(state: StateStore, key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
  return state.claim(key, row);
}

/** Writes how a claimed attempt ended; lost when somebody buried it in between. */
export function endAttempt(state: StateStore, key: AttemptKey, nonce: string, ran: Ran): Promise<Won | Lost> {
  return state.end(key, {
    status: "ended",
    nonce,
    outcome: ran.outcome,
    startedAt: ran.span.startedAt,
    endedAt: ran.span.endedAt,
    place: ran.span.place,
  });
}

/** Writes the end of something that never started: cancelled, skipped, cached. Lost when it was claimed or ended before (R14). */
export function endUnclaimed(
  state: StateStore,
  key: AttemptKey,
  outcome: Outcome,
  mark: { readonly nonce: string; readonly at: number },
): Promise<Won | Lost> {
  return state.settle(key, { status: "ended", nonce: mark.nonce, outcome, endedAt: mark.at });
}

/** Ends the attempt of an invocation that is known to be dead (R11). */
export function buryAttempt(
  state: StateStore,
  key: AttemptKey,
  claim: RunningAttempt,
  outcome: Outcome,
  mark: { readonly nonce: string; readonly at: number },
): Promise<Won | Lost> {
  const row: EndedAttempt = {
    status: "ended",
    nonce: mark.nonce,
    outcome,
    startedAt: claim.startedAt,
    endedAt: mark.at,
    place: claim.place,
  };
  return state.bury(key, claim.nonce, row);
}

/** Asks a running attempt to abort; its place looks at its row from time to time. */
export function requestAbort(state: StateStore, key: AttemptKey, reason: string): Promise<void> {
  return state.requestAbort(key, reason);
}

/** The row that closes a map: several may come to write it, the first counts. */
export function closeMapRow(state: StateStore, key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
  return state.settle(key, row);
}

/** Ended items of an inline map, in one batch. */
export function recordInlineItems(
  state: StateStore,
  items: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[],
): Promise<void> {
  return state.recordItems(items);
}
