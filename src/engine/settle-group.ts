import type { ItemAddress } from "../model/attempt.ts";
import { groupCount, itemsOf } from "../model/latch.ts";
import type { MapShape, StepTask } from "../model/task.ts";
import { markUpwards } from "../record/latch.ts";
import { closeMap } from "./close-map.ts";
import { itemStates, type ItemState, type MapFacts } from "./map-items.ts";
import type { Ports } from "./ports.ts";

/** Who has ended an item just now. Of those of one group the one that ended last closes it, and the others leave it to that one. */
export interface Finisher {
  readonly index: number;
  readonly endedAt: number;
}

/** A group of a map: a run of items, or a lane. */
export interface GroupPlace {
  readonly facts: MapFacts;
  readonly map: MapShape;
  readonly group: number;
}

/** The group of an item, by its task. */
export function groupPlace({ key: { run }, step, policy }: StepTask, map: MapShape, { group }: ItemAddress): GroupPlace {
  return { facts: { run, step, policy }, map, group };
}

/**
 * Closes a group that is complete, and the map with the last of them. `finisher`: the one whose end may have completed it just now. Of
 * finishers who come at once, the one that marks the group goes on; should it die over that, its death is told, or a sweep finds the map
 * open, and it is done again without a finisher: over marks that are there. Repeating it is harmless. Answers whether the map was closed.
 */
export async function settleGroup(place: GroupPlace, ports: Ports, finisher?: Finisher): Promise<boolean> {
  const { facts, map, group } = place;
  const began = ports.clock.now();
  const states = itemStates(await ports.state.readItems(facts.run, map, group), facts.policy);
  if (itemsOf(map, group).some((index) => states.get(index)?.final === undefined)) return false;
  if (finisher !== undefined && (await isMarkedByLater(place, finisher, states, ports.clock.now() - began, ports))) return false;
  return closeGroup(place, ports, finisher);
}

/** The same of a group that is known to be complete. */
export async function closeGroup({ facts, map, group }: GroupPlace, ports: Ports, finisher?: Finisher): Promise<boolean> {
  const { state, entropy, turns } = ports;
  if (!(await markUpwards(state, facts.run, map, group, { entropy, mend: finisher === undefined }))) return false;
  await closeMap(facts, map, ports);
  await turns.wake({ v: 1, run: facts.run, reason: "outcome" });
  return true;
}

/**
 * Whether somebody has marked the group before its time came to do so. The one of these items that ended last goes on at once; the others
 * give it the time to read and to mark, by what a read took them, and come one after the other should it not have seen what they saw: a
 * mark that somebody else was faster with costs five times as much as to see that it is there.
 */
export async function isMarkedByLater(
  { facts, map, group }: GroupPlace,
  finisher: Finisher,
  states: ReadonlyMap<number, ItemState>,
  readMs: number,
  { state, clock }: Ports,
): Promise<boolean> {
  const later = [...states.values()].filter((other) => endedAfter(other, finisher)).length;
  if (later === 0) return false;
  await clock.wait(4 * Math.max(readMs, leastReadMs) + rankMs * later);
  return (await state.readMarks(facts.run, map.id, 1, group, group + 1)).length > 0;
}

function endedAfter({ index, row }: ItemState, finisher: Finisher): boolean {
  if (index === finisher.index || row.status !== "ended") return false;
  return row.endedAt > finisher.endedAt || (row.endedAt === finisher.endedAt && index > finisher.index);
}

const leastReadMs = 1;
const rankMs = 2;

/** Closes all groups that are complete, and with the last of them the map. */
export async function settleGroups(facts: MapFacts, map: MapShape, ports: Ports): Promise<void> {
  for (let group = 0; group < groupCount(map); group++) if (await settleGroup({ facts, map, group }, ports)) return;
}
