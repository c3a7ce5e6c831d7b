import type { AttemptKey, EndedAttempt, ItemAddress } from "../model/attempt.ts";
import { itemId, type RunId } from "../model/id.ts";
import { addressOf, groupCount, hasLanes, itemsOf, successorOf } from "../model/latch.ts";
import type { Outcome } from "../model/outcome.ts";
import type { CallPolicy } from "../model/policy.ts";
import type { MapShape, StepTask } from "../model/task.ts";
import { endUnclaimed } from "../record/attempt.ts";
import type { StoredAttempt } from "../ports/state-store.ts";
import { markUpwards } from "../record/latch.ts";
import { closeMap } from "./close-map.ts";
import { launchOrRefusal } from "./launch-refusal.ts";
import { itemStates, type ItemState, type MapFacts } from "./map-items.ts";
import { pagedTask } from "./map-pages.ts";
import { lookUpCache } from "./node-task.ts";
import type { Ports } from "./ports.ts";

/**
 * What the finisher of an item does for its map: launch the next attempt or the lane's next item, and, when it may have been
 * the last of its group, read the group and close what is complete (R7, R8). `isRepeat`: somebody else ended the item, and has
 * most likely done all this already.
 */
export async function settleItem(task: StepTask, outcome: Outcome, map: MapShape, ports: Ports, isRepeat: boolean): Promise<void> {
  const { run, attempt, item } = task.key;
  if (item === undefined) return;
  const { flags, last } = await ports.state.readGroup(run, map, item.group, hasLanes(map) ? 0 : rowsAtFirst);
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
    if (isRepeat && (await hasBegun(run, map, next, ports))) return;
    const areGiven = await startItem(map, next, (index) => pagedTask(task, map, index, ports.artifacts), ports);
    // Flags are read after rows are written (R10).
    if (areGiven && (await ports.state.readGroup(run, map, item.group, 0)).flags.watch === true)
      await ports.turns.wake({ v: 1, run, reason: "outcome" });
    return;
  }
  if (mayLeave && isAnotherOpen(map, item, last, task.policy)) return;
  await settleGroup({ run, step: task.step, policy: task.policy }, map, item.group, ports, isRepeat ? undefined : item.index);
}

/**
 * Rows of a group that its finisher looks at first, those of its last items: they start last, and mostly one of them is still at work.
 * With the flags' they are ten rows of some 350 bytes, which one read unit holds; a whole group takes three.
 */
const rowsAtFirst = 8;

/** Whether these last rows of a group show another item that has not ended: its finisher will come, and see what this one wrote (R7). */
function isAnotherOpen(map: MapShape, self: ItemAddress, last: readonly StoredAttempt[], policy: CallPolicy): boolean {
  const states = itemStates(last, policy);
  // Of the item whose row comes first some rows may be missing.
  const [cut] = last.length < rowsAtFirst ? [] : states.keys();
  return itemsOf(map, self.group).some(
    (index) => index !== self.index && (cut === undefined || index > cut) && states.get(index)?.final === undefined,
  );
}

/** At a place, whose finisher goes on with the lane. What was given its outcome has none: who gave it may have died before going on. */
async function hasBegun(run: RunId, map: MapShape, index: number, { state }: Ports): Promise<boolean> {
  const [row] = await state.readAttempts([{ run, id: itemId(map.id, index), attempt: 1, item: addressOf(map, index) }]);
  return row?.place !== undefined;
}

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
      const { run, item } = task.key;
      if (item !== undefined) await settleGroup({ run, step: task.step, policy: task.policy }, map, item.group, ports);
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

/**
 * Closes a group that is complete, and the map with the last of them. `finisher`: the item whose end may have completed it just now. Of
 * finishers who come at once, the one that marks the group goes on; should it die over that, its death is told, or a sweep finds the map
 * open, and it is done again without a finisher: over marks that are there. Repeating it is harmless. Answers whether the map was closed.
 */
export async function settleGroup(facts: MapFacts, map: MapShape, group: number, ports: Ports, finisher?: number): Promise<boolean> {
  const { state, entropy, clock } = ports;
  const began = clock.now();
  const states = itemStates(await state.readItems(facts.run, map, group), facts.policy);
  if (itemsOf(map, group).some((index) => states.get(index)?.final === undefined)) return false;
  if (finisher !== undefined) {
    const pauseMs = pauseFor(finisher, states, clock.now() - began);
    if (pauseMs > 0 && (await isMarkedAfter(pauseMs, facts.run, map, group, ports))) return false;
  }
  if (!(await markUpwards(state, facts.run, map, group, { entropy, mend: finisher === undefined }))) return false;
  await closeMap(facts, map, ports);
  await ports.turns.wake({ v: 1, run: facts.run, reason: "outcome" });
  return true;
}

/** A mark that somebody else was faster with costs five times as much as to see that it is there. */
async function isMarkedAfter(pauseMs: number, run: RunId, map: MapShape, group: number, { state, clock }: Ports): Promise<boolean> {
  await clock.wait(pauseMs);
  return (await state.readMarks(run, map.id, 1, group, group + 1)).length > 0;
}

/**
 * How long who sees its group complete leaves it to the others. The one that ended last goes on at once; the others give it the time to
 * read and to mark, by what a read took them, and come one after the other should it not have seen what they saw.
 */
function pauseFor(finisher: number, states: ReadonlyMap<number, ItemState>, readMs: number): number {
  const ends = [...states.values()].map(({ index, row }) => ({ index, at: row.status === "ended" ? row.endedAt : 0 }));
  const rank = ends.toSorted((a, b) => b.at - a.at || b.index - a.index).findIndex(({ index }) => index === finisher);
  return rank <= 0 ? 0 : 4 * Math.max(readMs, leastReadMs) + rankMs * rank;
}

const leastReadMs = 1;
const rankMs = 2;

/** Closes all groups that are complete, and with the last of them the map. */
export async function settleGroups(facts: MapFacts, map: MapShape, ports: Ports): Promise<void> {
  for (let group = 0; group < groupCount(map); group++) if (await settleGroup(facts, map, group, ports)) return;
}
