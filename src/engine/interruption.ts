import type { StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";

/** How an inline attempt ended whose turn died over it, where it may not run again. */
export function interrupted(id: StepRunId): Outcome {
  const message = `step ${id} was running when its orchestrator died, and it may run at most once`;
  return { status: "failed", error: { name: "SkeinError", code: "step_interrupted", message, step: id, retryable: false } };
}
