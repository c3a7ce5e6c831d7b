import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import type { StateStore } from "../ports/state-store.ts";

/** Keeps a completed outcome for later runs. A cached outcome is never a source: its origin is. */
export async function keepOutcome(
  state: StateStore,
  task: Pick<StepTask, "cacheKey" | "key" | "policy">,
  outcome: Outcome,
  at: number,
): Promise<void> {
  if (task.cacheKey === undefined || outcome.status !== "completed") return;
  const { expiresAfterMs } = task.policy.cache ?? {};
  await state.writeCache(task.cacheKey, {
    outputs: outcome.outputs,
    ...(outcome.metadata === undefined ? {} : { metadata: outcome.metadata }),
    origin: { run: task.key.run, step: task.key.id },
    at,
    ...(expiresAfterMs === undefined ? {} : { expiresAt: at + expiresAfterMs }),
  });
}
