import { failureOf, SkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-code.ts";
import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import type { Ports } from "./ports.ts";

/** What no other try would mend: the task is too large to be told to any place, or the place is gone for good. */
const final: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["task_too_large", "code_version_gone"]);

/** Hands a task to the operator. One that can never be handed over has an outcome at once. */
export async function launchOrRefusal(
  task: StepTask,
  { operator }: Pick<Ports, "operator">,
  delayMs?: number,
): Promise<Outcome | undefined> {
  try {
    await operator.launch(task, delayMs);
    return undefined;
  } catch (error) {
    if (!(error instanceof SkeinError) || !final.has(error.code)) throw error;
    return { status: "failed", error: { ...failureOf(error), step: task.key.id, retryable: false } };
  }
}
