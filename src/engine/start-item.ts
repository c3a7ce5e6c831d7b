import type { AttemptKey, EndedAttempt } from "../model/attempt.ts";
import { successorOf } from "../model/latch.ts";
import type { Outcome } from "../model/outcome.ts";
import type { MapShape, StepTask } from "../model/task.ts";
import { endUnclaimed } from "../record/attempt.ts";
import { launchOrRefusal } from "./launch-refusal.ts";
import { lookUpCache } from "./node-task.ts";
import type { Ports } from "./ports.ts";
import { groupPlace, settleGroup } from "./settle-group.ts";

/**
 * Starts an item of a map. One that the cache has, or that is too large to be started, ends at once, and with it its lane goes on, or its
 * group is closed. Answers whether any ended so.
 */
export async function startItem(
  map: MapShape,
  first: number,
  taskOf: (index: number) => StepTask | Promise<StepTask>,
  ports: Ports,
): Promise<boolean> {
  for (let index = first; ;) {
    const task = await taskOf(index);
    if (!(await endsAtOnce(task, ports))) return index !== first;
    const next = successorOf(map, index);
    if (next === undefined) {
      const { item } = task.key;
      if (item !== undefined) await settleGroup(groupPlace(task, map, item), ports);
      return true;
    }
    index = next;
  }
}

/** False: it is launched, or runs already, and its finisher goes on. */
async function endsAtOnce(task: StepTask, ports: Ports): Promise<boolean> {
  const cached = task.cacheKey === undefined ? undefined : await lookUpCache(task.cacheKey, ports);
  const outcome = cached ?? (await launchOrRefusal(task, ports));
  return outcome !== undefined && (await isEndedWith(outcome, task.key, ports));
}

/** Ends an attempt that has not begun. False: it has, and its finisher goes on. */
async function isEndedWith(outcome: Outcome, key: AttemptKey, ports: Ports): Promise<boolean> {
  const ended = await endUnclaimed(ports, key, outcome);
  return ended.won || ended.row?.status === "ended";
}

/** Launches an item's further attempt. Where no place takes it any more, it ends at once, with this outcome. */
export async function retryItem(task: StepTask, delayMs: number, ports: Ports): Promise<Outcome | undefined> {
  const refused = await launchOrRefusal(task, ports, delayMs);
  return refused !== undefined && (await isEndedWith(refused, task.key, ports)) ? refused : undefined;
}

/** An item whose map is over has failed with what its next attempt was to mend: a row in that attempt's place says so. */
export async function giveUpRetry(key: AttemptKey, { outcome }: EndedAttempt, ports: Ports): Promise<void> {
  if (outcome.status !== "failed") return;
  const last: Outcome = { status: "failed", error: { ...outcome.error, retryable: false } };
  await endUnclaimed(ports, { ...key, attempt: key.attempt + 1 }, last);
}
