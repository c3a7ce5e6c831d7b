import type { ItemAddress } from "../model/attempt.ts";
import { itemId, type RunId } from "../model/id.ts";
import { addressOf, hasLanes, itemsOf, successorOf } from "../model/latch.ts";
import type { Outcome } from "../model/outcome.ts";
import type { MapShape, StepTask } from "../model/task.ts";
import { itemStates, type ItemState } from "./map-items.ts";
import { pagedTask } from "./map-pages.ts";
import type { Ports } from "./ports.ts";
import { closeGroup, groupPlace, isMarkedByLater, settleGroup } from "./settle-group.ts";
import { giveUpRetry, retryItem, startItem } from "./start-item.ts";

/**
 * What the finisher of an item does for its map: launch the next attempt or the lane's next item, and, when it may have been
 * the last of its group, read the group and close what is complete (R7, R8). `endedAt`: when this one ended the item; without:
 * somebody else did, and has most likely done all this already.
 */
export async function settleItem(task: StepTask, outcome: Outcome, map: MapShape, ports: Ports, endedAt?: number): Promise<void> {
  const { run, attempt, item } = task.key;
  if (item === undefined) return;
  const began = ports.clock.now();
  const { flags, last } = await ports.state.readGroup(run, map, item.group, hasLanes(map) ? 0 : rowsAtFirst);
  const readMs = ports.clock.now() - began;
  if (flags.watch === true) await ports.turns.wake({ v: 1, run, reason: "outcome" });
  const isStopped = flags.stop === true;
  let mayLeave = !hasLanes(map);
  if (outcome.status === "failed") {
    const state = itemStates(await ports.state.readItems(run, map, item.group), task.policy).get(item.index);
    // A doubled event of an earlier attempt: the item is in the hands of a later one.
    if (state !== undefined && state.attempt > attempt && state.final === undefined) return;
    if (state?.retryAfterMs !== undefined && state.row.status === "ended") {
      if (isStopped) await giveUpRetry(task.key, state.row, ports);
      else if ((await retryItem({ ...task, key: { ...task.key, attempt: attempt + 1 } }, state.retryAfterMs, ports)) === undefined) return;
      // Only now the item has ended: who ended before may have left the group to this one, and the rows are older than that.
      mayLeave = false;
    }
  }
  const next = successorOf(map, item.index);
  if (next !== undefined && !isStopped) {
    // Else each doubled event would walk the whole lane again, and be doubled on its way.
    if (endedAt === undefined && (await hasBegun(run, map, next, ports))) return;
    const areGiven = await startItem(map, next, (index) => pagedTask(task, map, index, ports.artifacts), ports);
    // Flags are read after rows are written (R10).
    if (areGiven && (await ports.state.readGroup(run, map, item.group, 0)).flags.watch === true)
      await ports.turns.wake({ v: 1, run, reason: "outcome" });
    return;
  }
  const place = groupPlace(task, map, item);
  const finisher = endedAt === undefined ? undefined : { index: item.index, endedAt };
  if (mayLeave) {
    const states = itemStates(last, task.policy);
    const areAll = last.length < rowsAtFirst;
    if (isAnotherOpen(map, item, states, areAll)) return;
    if (finisher !== undefined && (await isMarkedByLater(place, finisher, states, readMs, ports))) return;
    if (areAll) return void (await closeGroup(place, ports, finisher));
  }
  await settleGroup(place, ports, finisher);
}

/**
 * Rows of a group that its finisher looks at first, those of its last items: they start last, and mostly one of them is still at work.
 * With the flags' they are ten rows of some 350 bytes, which one read unit holds; a whole group takes three.
 */
const rowsAtFirst = 8;

/** Whether these last rows of a group show another item that has not ended: its finisher will come, and see what this one wrote (R7). */
function isAnotherOpen(map: MapShape, self: ItemAddress, states: ReadonlyMap<number, ItemState>, areAll: boolean): boolean {
  // Of the item whose row comes first some rows may be missing.
  const [cut] = areAll ? [] : states.keys();
  return itemsOf(map, self.group).some(
    (index) => index !== self.index && (cut === undefined || index > cut) && states.get(index)?.final === undefined,
  );
}

/** At a place, whose finisher goes on with the lane. What was given its outcome has none: who gave it may have died before going on. */
async function hasBegun(run: RunId, map: MapShape, index: number, { state }: Ports): Promise<boolean> {
  const [row] = await state.readAttempts([{ run, id: itemId(map.id, index), attempt: 1, item: addressOf(map, index) }]);
  return row?.place !== undefined;
}
