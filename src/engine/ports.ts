import type { Place } from "../model/place.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { InlineRunner } from "../ports/inline-runner.ts";
import type { LogSink } from "../ports/log-sink.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { StepOperator } from "../ports/step-operator.ts";
import type { TurnQueue } from "../ports/turn-queue.ts";

/** The world as every part of the engine needs it. */
export interface Ports {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogSink;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly operator: Pick<StepOperator, "launch" | "abort" | "isGone">;
  readonly turns: TurnQueue;
  /** Text outputs up to this many bytes stay in the outcome; 0: every artifact is an object of the artifact store. */
  readonly inlineValues: number;
  /** An event that nobody has claimed after this many milliseconds counts as lost; default 60,000. */
  readonly lostAfterMs?: number;
  /** The sweeper looks at a run this long after its start, and no sooner again, milliseconds; default 60,000. */
  readonly sweepMs?: number;
  /** The longest that a run may take, milliseconds: its rows expire some time after that (R13). Default: no limit. */
  readonly maxDurationMs?: number;
  /** Stores may be out of reach for a while, and come back by themselves: what only they have failed is done again. Default false. */
  readonly outlastsOutages?: boolean;
  /** Told of work of a step that goes on although its attempt is over: no place that is frozen or reused may keep it. */
  readonly onLeft?: (work: Promise<unknown>) => void;
}

/** What a turn needs beside: threads for concurrent inline steps. Without them they run in the orchestrator's own thread. */
export interface TurnPorts extends Ports {
  readonly operator: Pick<StepOperator, "launch" | "abort" | "isGone" | "refuses">;
  readonly inline?: InlineRunner;
}

/** The process or function invocation that something runs in. */
export interface Invocation {
  /** Names it to the failure destination and to leases. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly began: number;
  /** When it can write no more, epoch milliseconds. */
  readonly until: number;
  readonly place: Place;
}

/** What an isolated step's place brings: `place`, `until` and `signal` are those of its invocation. */
export interface StepPorts extends Ports {
  readonly place: Place;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** Clocks of two machines differ by less than this; what a lease or a claim says is believed this much longer (R3, R11). */
export const clockSkewMs = 10_000;

/** A run with something in flight is looked at no more often than this, unless the ports say otherwise. */
export const defaultSweepMs = 60_000;
