import type { AttemptKey, EndedAttempt, RunningAttempt } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Ran } from "../model/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { Lost, StateStore, Won } from "../ports/state-store.ts";

/** Who ends an attempt that is not its own: it signs with a nonce of its own (R6), and the end is now. */
interface Ender {
  readonly state: StateStore;
  readonly entropy: Entropy;
  readonly clock: Clock;
}

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
export function endUnclaimed({ state, entropy, clock }: Ender, key: AttemptKey, outcome: Outcome): Promise<Won | Lost> {
  return state.settle(key, { status: "ended", nonce: entropy.nonce(), outcome, endedAt: clock.now() });
}

/** Ends the attempt of an invocation that is known to be dead (R11). */
export function buryAttempt(
  { state, entropy, clock }: Ender,
  key: AttemptKey,
  claim: RunningAttempt,
  outcome: Outcome,
): Promise<Won | Lost> {
  const row: EndedAttempt = {
    status: "ended",
    nonce: entropy.nonce(),
    outcome,
    startedAt: claim.startedAt,
    endedAt: clock.now(),
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
