import type { RunRecord } from "../model/run.ts";
import { itemId } from "../model/id.ts";
import { addressOf } from "../model/latch.ts";
import type { MapShape } from "../model/task.ts";
import type { MapNode } from "../orchestrate/node.ts";
import { endUnclaimed } from "../record/attempt.ts";
import { flagMap } from "../record/latch.ts";
import { itemStates, type ItemState, type MapFacts } from "./map-items.ts";
import { shapeOf } from "./node-task.ts";
import type { Ports } from "./ports.ts";
import { settleGroup, settleGroups } from "./settle-group.ts";
import { giveUpRetry } from "./start-item.ts";

/**
 * Ends an isolated map that need not go on: flags it first, so that finishers start nothing more; then ends what has not started
 * and what waits for a retry, and asks what runs to abort. Repeating it is harmless.
 */
export async function endMap(map: MapNode, run: RunRecord, reason: string, ports: Ports): Promise<void> {
  const shape = shapeOf(map, run);
  const facts = { run: run.id, step: map.called.step, policy: map.called.policy ?? {} };
  await flagMap(ports.state, run.id, shape, { stop: true });
  const states = itemStates(await ports.state.readItems(run.id, shape), facts.policy);
  for (let index = 0; index < shape.items; index++) {
    const state = states.get(index);
    if (state?.final === undefined) await endItem(facts, shape, index, { state, reason }, ports);
  }
  await settleGroups(facts, shape, ports);
}

/** Ends one item of an isolated map that the function gave up: it does not start any more, or is asked to abort. */
export async function endItemOf(
  map: MapNode,
  run: RunRecord,
  item: { readonly index: number; readonly reason: string },
  ports: Ports,
): Promise<void> {
  const shape = shapeOf(map, run);
  const facts = { run: run.id, step: map.called.step, policy: map.called.policy ?? {} };
  const { group } = addressOf(shape, item.index);
  const state = itemStates(await ports.state.readItems(run.id, shape, group), facts.policy).get(item.index);
  if (state?.final !== undefined) return;
  await endItem(facts, shape, item.index, { state, reason: item.reason }, ports);
  await settleGroup({ facts, map: shape, group }, ports);
}

async function endItem(
  { run }: MapFacts,
  shape: MapShape,
  index: number,
  { state, reason }: { readonly state: ItemState | undefined; readonly reason: string },
  ports: Ports,
): Promise<void> {
  const key = { run, id: itemId(shape.id, index), attempt: state?.attempt ?? 1, item: addressOf(shape, index) };
  if (state?.row.status === "ended") return giveUpRetry(key, state.row, ports);
  if (state === undefined) {
    const ended = await endUnclaimed(ports, key, { status: "cancelled", reason });
    if (ended.won || ended.row?.status === "ended") return;
  }
  await ports.operator.abort(key, reason);
}
