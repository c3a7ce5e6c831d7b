import type { RunId } from "../model/id.ts";
import { groupCount, itemsOf } from "../model/latch.ts";
import type { MapShape } from "../model/task.ts";
import { markUpwards } from "../record/latch.ts";
import { closeMap } from "./close-map.ts";
import { itemStates, type ItemState, type MapFacts } from "./map-items.ts";
import type { Ports } from "./ports.ts";

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
