import type { StepCalled, StepMapped } from "../model/event.ts";
import type { RunOutputs } from "../model/run.ts";

/** A compiled static pipeline: its calls, each after those that it depends on, and what it gives. */
export interface CompiledPlan {
  readonly calls: readonly PlannedCall[];
  readonly outputs: RunOutputs;
}

export type PlannedCall = StepCalled | StepMapped;
