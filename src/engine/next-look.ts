import type { RunRecord } from "../model/run.ts";
import { addressOf } from "../model/latch.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { itemStates } from "./map-items.ts";
import { defaultLostAfterMs } from "./mend.ts";
import { shapeOf } from "./node-task.ts";
import { isolatedNodes, readRows } from "./outstanding.ts";
import { clockSkewMs, defaultSweepMs, type Ports } from "./ports.ts";

/**
 * When the sweeper has something to find again, epoch milliseconds: the first moment at which a claim may turn out to be a dead
 * one's, or an event a lost one. So a step of ten minutes costs one look, not ten, and a run that waits for a signal none: undefined (R15).
 */
export async function nextLook(orchestration: Orchestration, run: RunRecord, ports: Ports): Promise<number | undefined> {
  const soonest = ports.clock.now() + (ports.sweepMs ?? defaultSweepMs);
  let next = Number.POSITIVE_INFINITY;
  for (const { node, row } of await readRows(isolatedNodes(orchestration), run, ports)) {
    if (row?.status === "running") next = Math.min(next, row.until + clockSkewMs);
    else if (row === undefined) next = Math.min(next, await nextLookAt(node, run, ports));
    else return soonest;
  }
  const { waits } = orchestration.graph;
  if (waits.firstDueAt !== undefined) next = Math.min(next, waits.firstDueAt + (ports.lostAfterMs ?? defaultLostAfterMs));
  if (Number.isFinite(next)) return Math.max(next, soonest);
  return waits.isEmpty ? soonest : undefined;
}

async function nextLookAt(node: Node, run: RunRecord, ports: Ports): Promise<number> {
  const { lostAfterMs = defaultLostAfterMs } = ports;
  if (!(node instanceof MapNode) || node.size === undefined) return (node.dueAt ?? node.launchedAt) + lostAfterMs;
  const shape = shapeOf(node, run);
  const states = itemStates(await ports.state.readItems(run.id, shape), node.called.policy ?? {});
  let next = Number.POSITIVE_INFINITY;
  for (const { row } of states.values()) if (row.status === "running") next = Math.min(next, row.until + clockSkewMs);
  const groups = new Set([...states.values()].filter(({ row }) => row.status === "running").map(({ index }) => addressOf(shape, index).group));
  // Where nothing of a map runs, its next items are on their way, or lost.
  return groups.size === 0 ? ports.clock.now() + lostAfterMs : next;
}
