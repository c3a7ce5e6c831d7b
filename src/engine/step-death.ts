import type { Failure } from "../model/failure.ts";
import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import { buryAttempt, endUnclaimed } from "../record/attempt.ts";
import type { Ports } from "./ports.ts";
import { tell } from "./step.ts";

/**
 * The failure destination of isolated steps: the place of this task is known to be dead. Its attempt ends with the reason, if it
 * has not ended by itself; the run is woken whatever became of the row (R5).
 */
export async function noteStepDeath(task: StepTask, reason: Failure, aborted: string | undefined, ports: Ports): Promise<void> {
  const outcome: Outcome =
    aborted === undefined ? { status: "failed", error: { ...reason, step: task.key.id } } : { status: "stopped", reason: aborted };
  const mark = { nonce: ports.entropy.nonce(), at: ports.clock.now() };
  const [row] = await ports.state.readAttempts([task.key]);
  const ended =
    row?.status === "running"
      ? await buryAttempt(ports.state, task.key, row, outcome, mark)
      : row === undefined
        ? await endUnclaimed(ports.state, task.key, outcome, mark)
        : ({ won: false, row } as const);
  await tell(task, !ended.won && ended.row?.status === "ended" ? ended.row.outcome : outcome, ports);
}
