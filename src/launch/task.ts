import type { AttemptKey } from "../model/attempt.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import type { StepRunId } from "../model/id.ts";
import type { Edge, EncodedInput } from "../model/input.ts";
import { outputsOf, type Outcome } from "../model/outcome.ts";
import type { CallPolicy } from "../model/policy.ts";
import type { MapShape, ResolvedEdge, StepTask } from "../model/task.ts";

/** What a step run's edges stand for: the outcomes that the run has seen. */
export type OutcomeOf = (id: StepRunId) => Outcome | undefined;

/** The input of a call with the artifacts behind its edges. @throws SkeinError `artifact_missing` */
export function resolveEdges(input: EncodedInput, outcomeOf: OutcomeOf): readonly ResolvedEdge[] {
  return input.edges.map((edge) => {
    const { path, item } = edge;
    const artifact = refOf(edge, outcomeOf);
    return item === undefined ? { path, artifact } : { path, artifact, item };
  });
}

function refOf({ from, output, partial }: Edge, outcomeOf: OutcomeOf): ArtifactRef {
  const outcome = outcomeOf(from);
  const ref = outputsOf(outcome, partial)?.[output];
  if (ref === undefined)
    throw new SkeinError(
      "artifact_missing",
      `the output ${from}.${output}, which a later step was given, is not there: ${from} ${outcome === undefined ? "has not ended" : `ended ${outcome.status}`}`,
    );
  return ref;
}

export interface TaskFacts {
  readonly key: AttemptKey;
  readonly pipeline: string;
  readonly step: string;
  readonly policy: CallPolicy | undefined;
  readonly map?: MapShape;
  readonly cacheKey?: string | undefined;
}

/** All that a place needs to execute one attempt. */
export function taskOf(facts: TaskFacts, input: EncodedInput, edges: readonly ResolvedEdge[]): StepTask {
  return {
    v: 1,
    key: facts.key,
    pipeline: facts.pipeline,
    step: facts.step,
    input: input.spilled === undefined ? { literal: input.literal } : { literal: "", spilled: input.spilled },
    edges,
    policy: facts.policy ?? {},
    ...(facts.map === undefined ? {} : { map: facts.map }),
    ...(facts.cacheKey === undefined ? {} : { cacheKey: facts.cacheKey }),
  };
}
