import type { StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";

/** How an inline attempt ended whose turn died over it, where it does not run again. `why`: what keeps it from that. */
export function interrupted(id: StepRunId, why: string): Outcome {
  const message = `step ${id} was running when its orchestrator died, and is not run again: ${why}`;
  return { status: "failed", error: { name: "SkeinError", code: "step_interrupted", message, step: id, retryable: false } };
}
