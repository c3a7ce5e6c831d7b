import type { ArtifactRef } from "../model/artifact.ts";
import type { StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import type { DeclaredOutputs } from "./definition.ts";

/** What the pipeline function may know of a step run: what it has seen, never what is outside, or a replay would differ. */
export type SeenStatus = "pending" | "completed" | "cached" | "failed" | "skipped" | "stopped";

/** One step run, as its handles see it: a node of a run, or of a plan that is being compiled. */
export interface Backing {
  /** The run or plan. */
  readonly owner: object;
  readonly id: StepRunId;
  readonly outputs: DeclaredOutputs;
  /** The outcome, once it was delivered to the pipeline function. */
  readonly delivered: Outcome | undefined;
  /** Settles at its delivery, with what `await` gives or the step's error. Never an unhandled rejection. */
  settlement(): Promise<unknown>;
  /** Somebody looks at how it ended: a failure is theirs to handle. */
  observe(): void;
  cancel(reason: string | undefined): void;
  /** Settles in the recorded order of loads. */
  load(ref: ArtifactRef, item: number | undefined): Promise<unknown>;
  /** The handle that was kept under the key: one object an output, so that `===` holds within a turn. */
  recall(key: string): object | undefined;
  keep(key: string, handle: object): void;
}

/** A map, as its handle sees it. */
export interface MapBacking extends Backing {
  /** Settles once the number of items is known, with a backing for each. */
  items(): Promise<readonly Backing[]>;
}
