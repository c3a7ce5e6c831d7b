import type { AttemptKey } from "./attempt.ts";
import type { EncodedInput } from "./input.ts";
import type { ArtifactRef } from "./artifact.ts";
import type { RunId, StepRunId } from "./id.ts";
import type { CallPolicy } from "./policy.ts";
import type { Outcome, Span } from "./outcome.ts";

/** An edge with the artifact that it stands for: an input ready to load. */
export interface ResolvedEdge {
  readonly path: readonly (string | number)[];
  /** One artifact, or the list of them that a map's output still is while it is read item by item. */
  readonly artifact: ArtifactRef;
  readonly item?: number;
}

/** All that a place needs to execute one attempt: references only, never values above `maxLiteral`. */
export interface StepTask {
  readonly v: 1;
  readonly key: AttemptKey;
  readonly pipeline: string;
  readonly step: string;
  readonly input: Omit<EncodedInput, "edges">;
  readonly edges: readonly ResolvedEdge[];
  readonly policy: CallPolicy;
  /** Of a map's item: what its finisher needs to settle the map (R7, R8). */
  readonly map?: MapShape;
  /** Where to store a completed outcome for later cache hits. */
  readonly cacheKey?: string;
  /** Nothing else of the run is outstanding: its finisher may take the next turn itself, where that is allowed (the baton). */
  readonly isAlone?: true;
}

/** What a finisher knows of the map that its item belongs to. */
export interface MapShape {
  readonly id: StepRunId;
  readonly items: number;
  /** Items at once; below `items` the map runs in lanes. */
  readonly width: number;
  /** Where the inputs of the items lie that a finisher launches (R9): pages of `itemsPerPage` under this key. */
  readonly pages?: string;
}

/** A request for a turn. */
export interface Wake {
  readonly v: 1;
  readonly run: RunId;
  readonly reason: "start" | "outcome" | "timer" | "signal" | "stop" | "crash" | "sweep" | "resume" | "continue";
  /** The outcome that its finisher just wrote: with exactly one step outstanding it replaces a read (R4). */
  readonly seen?: { readonly id: StepRunId; readonly attempt: number; readonly outcome: Outcome };
  /** Of a timer: what it was set for, epoch milliseconds. It may come early, by another clock. */
  readonly dueAt?: number;
  /** An invocation that can write no more: its lease does not count (R3). */
  readonly dead?: string;
}

/** What executing a task gave: how it ended, and where and when it ran. */
export interface Ran {
  readonly outcome: Outcome;
  readonly span: Span;
}
