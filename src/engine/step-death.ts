import type { AttemptKey, AttemptRow } from "../model/attempt.ts";
import type { Failure } from "../model/failure.ts";
import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import { buryAttempt, endUnclaimed } from "../record/attempt.ts";
import type { Ports } from "./ports.ts";
import { tell } from "./step.ts";

/** How the place of a task died. */
export interface StepDeath {
  readonly reason: Failure;
  /** Why the step was stopped, if it was: its place may have been ended for that. */
  readonly aborted?: string | undefined;
  /** Of the invocation that died, where places are invocations: a claim that names another one is not its (R11). */
  readonly requestId?: string;
}

/**
 * The failure destination of isolated steps: the place of this task is known to be dead. Its attempt ends with the reason, if it
 * has not ended by itself; the run is woken whatever became of the row (R5).
 */
export async function noteStepDeath(task: StepTask, { reason, aborted, requestId }: StepDeath, ports: Ports): Promise<void> {
  const [there] = await ports.state.readAttempts([task.key]);
  // What may have had its effect is not to have it twice.
  const final = there !== undefined && reason.code === "step_interrupted" ? { retryable: false } : {};
  const outcome: Outcome =
    aborted === undefined
      ? { status: "failed", error: { ...reason, step: task.key.id, ...final } }
      : { status: "stopped", reason: aborted };
  // An outage kept it from its claim: nothing has begun.
  if (there === undefined && reason.interrupted === true) return ports.operator.launch(task, reason.retryAfterMs);
  const row = await rowAfter(task.key, there, { outcome, requestId }, ports);
  // Another place has claimed it in between, and will tell how it ended.
  const { run } = task.key;
  if (row?.status === "running") await ports.turns.wake({ v: 1, run, reason: "outcome" });
  // With the baton it may have died over the turn, between an entry and what that launches.
  else if (row !== undefined && task.isAlone === true) await ports.turns.wake({ v: 1, run, reason: "crash" });
  else await tell(task, row?.outcome ?? outcome, ports, row === undefined ? ports.clock.now() : undefined);
}

/** What stands in the attempt's row if it is not this outcome. `row`: what stood there. */
async function rowAfter(
  key: AttemptKey,
  row: AttemptRow | undefined,
  { outcome, requestId }: { readonly outcome: Outcome; readonly requestId: string | undefined },
  ports: Ports,
): Promise<AttemptRow | undefined> {
  if (row?.status === "ended") return row;
  if (row !== undefined && requestId !== undefined && (row.place.requestId ?? requestId) !== requestId) return row;
  const ended = row === undefined ? await endUnclaimed(ports, key, outcome) : await buryAttempt(ports, key, row, outcome);
  return ended.won ? undefined : ended.row;
}
