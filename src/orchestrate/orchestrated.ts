import type { PipelineDefinition } from "../define/definition.ts";
import type { StepCalled, StepMapped } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunRecord } from "../model/run.ts";
import type { Loader } from "./loads.ts";
import type { Node } from "./node.ts";

/** A run to orchestrate: its record, the pipeline that it runs, and the parameters as the pipeline's schema gives them. */
export interface Orchestrated {
  readonly run: RunRecord;
  readonly definition: PipelineDefinition;
  readonly params: unknown;
}

/** What the engine lends: the only ways in which the outside is asked. */
export interface Lent {
  readonly load: Loader;
  /** A load that failed so fails the turn instead, which is then taken again. Default: none does. */
  readonly isPassing?: (error: unknown) => boolean;
  /** A cached outcome for a step run that is ready, or undefined. */
  readonly lookUp: (node: Node) => Promise<Outcome | undefined>;
  readonly reuse?: Reuse;
}

/** What is left of the part of the journal that a resume with changed code has given up. */
export interface Reuse {
  /** A completed outcome of the same step run with the same input. */
  readonly outcomeOf: (called: StepCalled | StepMapped) => Outcome | undefined;
  /** Attempts of that id which were launched: their rows may be there, so that new ones must count on from them. */
  readonly attemptsOf: (id: StepRunId) => number;
}
