import { failureOf, SkeinError } from "../model/error.ts";
import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import type { Ports } from "./ports.ts";

/** Hands a task to the operator. One that is too large to be told to any place has an outcome at once: the same again would not help. */
export async function launchOrRefusal(task: StepTask, { operator }: Pick<Ports, "operator">): Promise<Outcome | undefined> {
  try {
    await operator.launch(task);
    return undefined;
  } catch (error) {
    if (!(error instanceof SkeinError) || error.code !== "task_too_large") throw error;
    return { status: "failed", error: { ...failureOf(error), step: task.key.id, retryable: false } };
  }
}
