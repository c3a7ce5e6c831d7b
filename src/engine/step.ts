import { executeStep } from "../execute/execute-step.ts";
import type { Outcome } from "../model/outcome.ts";
import type { StepTask } from "../model/task.ts";
import { claimAttempt, endAttempt } from "../record/attempt.ts";
import { isForOthers, keepOutcome } from "../record/keep.ts";
import type { Ports, StepPorts } from "./ports.ts";
import { settleItem } from "./settle-item.ts";

/**
 * Runs an isolated step where it is isolated: claims the attempt, executes it, writes its outcome, wakes the run. A duplicate
 * of the event loses the claim; one that comes after the end only wakes again (I6, R5).
 */
export async function runIsolatedStep(task: StepTask, ports: StepPorts): Promise<void> {
  const nonce = ports.entropy.nonce();
  const { state, clock, place, until } = ports;
  const claimed = await claimAttempt(state, task.key, {
    status: "running",
    nonce,
    invocation: nonce,
    startedAt: clock.now(),
    until,
    place,
  });
  if (!claimed.won) {
    if (claimed.row?.status === "ended") await tell(task, claimed.row.outcome, ports);
    return;
  }
  const ran = await executeStep(task, { ...ports, nonce });
  const ended = await endAttempt(state, task.key, nonce, ran);
  if (!ended.won) return;
  if (isForOthers(task, ran.outcome)) await keepOutcome(state, task, ran.outcome, clock.now());
  await tell(task, ran.outcome, ports, ran.span.endedAt);
}

/**
 * A finisher always wakes; an item of a map settles its map first, and wakes only where the run wants to know. `endedAt`: when
 * this one ended the attempt; without, somebody else had done so before.
 */
export async function tell(task: StepTask, outcome: Outcome, ports: Ports, endedAt?: number): Promise<void> {
  if (task.map !== undefined) {
    await settleItem(task, outcome, task.map, ports, endedAt);
    return;
  }
  const { run, id, attempt } = task.key;
  await ports.turns.wake({ v: 1, run, reason: "outcome", seen: { id, attempt, outcome } });
}
