import type { Outcome, Span } from "./outcome.ts";
import type { Failure, Metadata } from "./failure.ts";
import type { StepRunId } from "./id.ts";
import type { Signal } from "./signal.ts";
import type { EncodedInput } from "./input.ts";
import type { CallPolicy } from "./policy.ts";
import type { RunArtifacts, RunOutputs } from "./run.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type Runtime = "inline" | "isolated";
export type CallKind = "sync" | "submit" | "static";

/** The pipeline function called a step. `attempt 1` starts with the same entry where `launched` is true. */
export interface StepCalled {
  readonly t: "called";
  readonly id: StepRunId;
  readonly step: string;
  readonly call: CallKind;
  readonly runtime: Runtime;
  readonly input: EncodedInput;
  readonly after?: readonly StepRunId[];
  readonly policy?: CallPolicy;
}

/** The pipeline function mapped a step: one node, however many items. */
export interface StepMapped {
  readonly t: "mapped";
  readonly id: StepRunId;
  readonly step: string;
  readonly combine: "zip" | "product";
  readonly static?: true;
  readonly runtime: Runtime;
  readonly input: EncodedInput;
  /** Fields given to every item as they are; all others are lists. */
  readonly unmapped: readonly string[];
  readonly maxConcurrency?: number;
  readonly after?: readonly StepRunId[];
  readonly policy?: CallPolicy;
}

/** An attempt may start (not before `dueAt`), once this is durable. A map's launch says how many items there are. */
export interface Launched {
  readonly t: "launched";
  readonly id: StepRunId;
  readonly attempt: number;
  readonly dueAt?: number;
  readonly items?: number;
}

/** The run saw how an attempt ended. `at`: when it saw it; the time that `run.now()` tells. */
export interface OutcomeSeen {
  readonly t: "outcome";
  readonly id: StepRunId;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly at: number;
  /** Of attempts that ran inline; isolated ones have it in their row. */
  readonly span?: Span;
  /** Of a map: how many items ended how. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** A value was loaded into the pipeline function. Small values travel with the event, so that replay reads nothing. */
export interface Loaded {
  readonly t: "loaded";
  readonly artifact: string;
  readonly item?: number;
  readonly text?: string;
  readonly error?: Failure;
}

/** The pipeline function gave something up. */
export interface CancelAsked {
  readonly t: "cancel";
  readonly id: StepRunId;
  readonly reason: string;
}
/** The pipeline function looks at single items of a map. */
export interface Watched {
  readonly t: "watched";
  readonly id: StepRunId;
}
/** The pipeline function waits for a time, or for a signal from outside. */
export interface Waiting {
  readonly t: "waiting";
  /** Of the wait: `sleep`, or the signal's name, numbered where there are several. */
  readonly id: string;
  readonly for: "time" | "signal";
  /** Of the signal. */
  readonly name?: string;
  /** For who may answer. */
  readonly question?: string;
  /** Epoch milliseconds; absent: it waits as long as it takes. */
  readonly dueAt?: number;
  readonly at: number;
}
/** A wait was told of its signal, or, without one, that its time has passed. */
export interface Woken {
  readonly t: "woken";
  readonly id: string;
  readonly at: number;
  readonly signal?: Signal;
  /** Why the wait's schema took the signal for none: the wait goes on. */
  readonly refused?: string;
}
export interface Logged {
  readonly t: "logged";
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Metadata;
  readonly at: number;
}
/** The engine took the function out of the run: a foreign call, a divergence, a limit, `fail_fast`. It sees nothing more. */
export interface Halted {
  readonly t: "halted";
  readonly error: Failure;
  readonly at: number;
}
/** A resume with changed code: the function goes on from event `keep` of the journal; what came after is only there to be reused. */
export interface Rebased {
  readonly t: "rebased";
  readonly keep: number;
  readonly at: number;
}
/** A stop request was seen: nothing starts any more. */
export interface Stopping {
  readonly t: "stopping";
  readonly reason: string;
  readonly at: number;
}
export interface Returned {
  readonly t: "returned";
  readonly outputs: RunOutputs;
  readonly at: number;
}
export interface Threw {
  readonly t: "threw";
  readonly error: Failure;
  readonly at: number;
}
export interface Ended {
  readonly t: "ended";
  readonly status: "completed" | "failed" | "stopped";
  readonly error?: Failure;
  readonly outputs: RunArtifacts;
  readonly at: number;
}

/** What a turn may deliver to the pipeline function. */
export type Seen = OutcomeSeen | Woken;

/** What a journal entry is made of, in the order in which it happened. */
export type RunEvent =
  | StepCalled
  | StepMapped
  | Launched
  | OutcomeSeen
  | Loaded
  | CancelAsked
  | Watched
  | Waiting
  | Woken
  | Logged
  | Halted
  | Rebased
  | Stopping
  | Returned
  | Threw
  | Ended;
