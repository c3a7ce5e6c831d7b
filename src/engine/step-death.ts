import type { AttemptKey, AttemptRow } from "../model/attempt.ts";
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
  const row = await rowAfter(task.key, outcome, ports);
  // Another place has claimed it in between, and will tell how it ended.
  const { run } = task.key;
  if (row?.status === "running") await ports.turns.wake({ v: 1, run, reason: "outcome" });
  // With the baton it may have died over the turn, between an entry and what that launches.
  else if (row !== undefined && task.isAlone === true) await ports.turns.wake({ v: 1, run, reason: "crash" });
  else await tell(task, row?.outcome ?? outcome, ports, row !== undefined);
}

/** What stands in the attempt's row if it is not this outcome. */
async function rowAfter(key: AttemptKey, outcome: Outcome, { state, entropy, clock }: Ports): Promise<AttemptRow | undefined> {
  const [row] = await state.readAttempts([key]);
  if (row?.status === "ended") return row;
  const mark = { nonce: entropy.nonce(), at: clock.now() };
  const ended = row === undefined ? await endUnclaimed(state, key, outcome, mark) : await buryAttempt(state, key, row, outcome, mark);
  return ended.won ? undefined : ended.row;
}
