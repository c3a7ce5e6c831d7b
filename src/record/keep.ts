import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import type { StateStore } from "../ports/state-store.ts";

type Kept = Pick<StepTask, "cacheKey" | "key" | "policy">;

/** Is anything of this outcome for other runs: a cache row, or a version of a named artifact? */
export function isForOthers({ cacheKey }: Pick<Kept, "cacheKey">, outcome: Outcome): boolean {
  if (outcome.status !== "completed") return false;
  if (cacheKey !== undefined) return true;
  for (const name in outcome.outputs) if (outcome.outputs[name]?.name !== undefined) return true;
  return false;
}

/** Keeps of a completed outcome what other runs may look for. A cached outcome is never a source: its origin is. */
export async function keepOutcome(state: StateStore, task: Kept, outcome: Outcome, at: number): Promise<void> {
  if (outcome.status !== "completed") return;
  const { run, id: step } = task.key;
  for (const artifact of Object.values(outcome.outputs))
    if (artifact.name !== undefined) await state.addVersion(artifact.name, { artifact, run, at });
  if (task.cacheKey === undefined) return;
  const { expiresAfterMs } = task.policy.cache ?? {};
  await state.writeCache(task.cacheKey, {
    outputs: outcome.outputs,
    ...(outcome.metadata === undefined ? {} : { metadata: outcome.metadata }),
    origin: { run, step },
    at,
    ...(expiresAfterMs === undefined ? {} : { expiresAt: at + expiresAfterMs }),
  });
}
