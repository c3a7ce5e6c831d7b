import { groupCount, hasLanes, itemsOf } from "../model/latch.ts";
import type { RunRecord } from "../model/run.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { itemStates, type ItemState } from "./map-items.ts";
import { defaultLostAfterMs } from "./mend.ts";
import { shapeOf } from "./node-task.ts";
import { isolatedNodes, readRows } from "./outstanding.ts";
import { clockSkewMs, defaultSweepMs, type Ports } from "./ports.ts";

/**
 * When the sweeper has something to find again, epoch milliseconds: the first moment at which a claim may turn out to be a dead
 * one's, or an event a lost one. So a step of ten minutes costs one look, not ten, and a run that waits for a signal none: undefined (R15).
 */
export async function nextLook(orchestration: Orchestration, run: RunRecord, ports: Ports): Promise<number | undefined> {
  const { lostAfterMs = defaultLostAfterMs, sweepMs = defaultSweepMs } = ports;
  const soonest = ports.clock.now() + sweepMs;
  const { waits, launched } = orchestration.graph;
  const outstandingItems = orchestration.graph.outstandingItems();
  let next = Infinity;
  for (const { node, row } of await readRows(isolatedNodes(orchestration), run, ports)) {
    if (row?.status === "running") next = Math.min(next, row.until + clockSkewMs);
    else if (row !== undefined) return soonest;
    else if (node instanceof MapNode) next = Math.min(next, await nextLookInto(node, run, ports));
    else next = Math.min(next, whenLost(node, lostAfterMs));
  }
  for (const node of launched) {
    if (node.called.runtime !== "inline") continue;
    // It is the next turn's, whose wake may be lost.
    if (node.dueAt === undefined) return soonest;
    next = Math.min(next, whenLost(node, lostAfterMs));
  }
  // A map tells of its end, and its items' outcomes are read with that, or later.
  for (const { map } of outstandingItems) if (map.delivered !== undefined) return soonest;
  for (const dueAt of waits.dueTimes) next = Math.min(next, dueAt + lostAfterMs);
  if (next !== Infinity) return Math.max(next, soonest);
  return waits.isEmpty ? soonest : undefined;
}

/** From when on an event that was to come to an attempt, or its alarm, counts as lost. */
function whenLost({ dueAt, launchedAt }: Node, lostAfterMs: number): number {
  return (dueAt ?? launchedAt) + lostAfterMs;
}

/** The same for a map: of each group the items that should run, or of each lane the first that has not ended. */
async function nextLookInto(map: MapNode, run: RunRecord, ports: Ports): Promise<number> {
  const { lostAfterMs = defaultLostAfterMs } = ports;
  const shape = shapeOf(map, run);
  const states = itemStates(await ports.state.readItems(run.id, shape), map.called.policy ?? {});
  let next = Infinity;
  for (let group = 0; group < groupCount(shape); group++) {
    const items = itemsOf(shape, group);
    const open = items.filter((index) => states.get(index)?.final === undefined);
    for (const index of hasLanes(shape) ? open.slice(0, 1) : open) {
      const before = hasLanes(shape) ? states.get(index - shape.width) : undefined;
      next = Math.min(next, lookAtItem(states.get(index), endOf(before) ?? map.launchedAt, lostAfterMs));
    }
  }
  // All have ended, and somebody is closing it.
  return next === Infinity ? 0 : next;
}

function lookAtItem(state: ItemState | undefined, launchedAt: number, lostAfterMs: number): number {
  if (state?.row.status === "running") return state.row.until + clockSkewMs;
  return (endOf(state) ?? launchedAt) + (state?.retryAfterMs ?? 0) + lostAfterMs;
}

function endOf(state: ItemState | undefined): number | undefined {
  return state?.row.status === "ended" ? state.row.endedAt : undefined;
}
