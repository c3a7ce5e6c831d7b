import type { Outcome } from "./outcome.ts";
import type { Place } from "./place.ts";
import type { RunId, StepRunId } from "./id.ts";

/** Names a row of an attempt. Items of maps carry their place in the map, which decides where the row lies. */
export interface AttemptKey {
  readonly run: RunId;
  readonly id: StepRunId;
  readonly attempt: number;
  readonly item?: ItemAddress;
}

/** Where an item of a map stands: `group` is the latch group or the lane, `shard` the partition of its rows (R7, R8, R21). */
export interface ItemAddress {
  readonly map: StepRunId;
  readonly index: number;
  readonly group: number;
  readonly shard: number;
}

/** A claimed attempt; `until`: when its invocation cannot write any more (R11). */
export interface RunningAttempt {
  readonly status: "running";
  /** Of the invocation that claimed it (R6). */
  readonly nonce: string;
  readonly invocation: string;
  readonly startedAt: number;
  readonly until: number;
  readonly place: Place;
  /** Why it is asked to abort. */
  readonly abort?: string;
}

/** A row never changes once it is terminal. A step run that never started has no claim. */
export interface EndedAttempt {
  readonly status: "ended";
  readonly nonce: string;
  readonly outcome: Outcome;
  readonly startedAt?: number;
  readonly endedAt: number;
  readonly place?: Place;
  /** Of the row that closes a map: how many items ended how. */
  readonly counts?: Readonly<Record<string, number>>;
}

export type AttemptRow = RunningAttempt | EndedAttempt;
