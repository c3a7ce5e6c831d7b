import { failureOf, SkeinError } from "../model/error.ts";
import type { AttemptKey, RunningAttempt } from "../model/attempt.ts";
import { addressOf, groupCount, hasLanes, itemsOf } from "../model/latch.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { buryAttempt, endUnclaimed } from "../record/attempt.ts";
import { flagMap } from "../record/latch.ts";
import { closeMap } from "./close-map.ts";
import { endMap } from "./end-map.ts";
import { launchOrRefusal } from "./launch-refusal.ts";
import { factsOf, launchItems, writePages } from "./launch-map.ts";
import { itemStates, type ItemState } from "./map-items.ts";
import { hasPages } from "./map-pages.ts";
import { MapRange } from "./map-range.ts";
import { nodeTask } from "./node-task.ts";
import { isolatedNodes, readRows } from "./outstanding.ts";
import { clockSkewMs, type Ports, type TurnPorts } from "./ports.ts";
import { refusal, refusalOf, refuseMap } from "./refusal.ts";
import { settleGroup } from "./settle-group.ts";
import { settleItem } from "./settle-item.ts";
import { retryItem } from "./start-item.ts";

/** An event that nobody has claimed after this long is taken for lost, unless the ports say otherwise. */
export const defaultLostAfterMs = 60_000;

/**
 * Finds what got lost on the way (R11, R15): attempts whose place is dead, launches that nobody claimed, delays that are over,
 * latches that a crash left open. Nothing is decided here: outcomes are read, and launches are safe to repeat (I8).
 */
export async function mend(run: RunRecord, orchestration: Orchestration, wake: Wake, ports: TurnPorts): Promise<void> {
  for (const { node, key, row } of await readRows(isolatedNodes(orchestration), run, ports)) {
    if (row?.status === "ended" || node.dueAt !== undefined) continue;
    const why = refusalOf(node, ports.operator);
    if (node instanceof MapNode) {
      const range = await MapRange.open(node, run, orchestration.graph, ports);
      const over = node.cancelReason ?? (orchestration.mustAbort ? orchestration.closed : undefined);
      await (why === undefined ? mendMap(range, wake, over, ports) : refuseMap(range, why, ports));
    } else if (why !== undefined) {
      await endUnclaimed(ports, key, { status: "failed", error: refusal(node.id, "missing_operator", why) });
    } else if (row !== undefined) await buryIfGone(key, row, node, wake, ports);
    // What has not begun then ends instead (R14).
    else if (node.cancelReason === undefined && orchestration.closed === undefined && mayBeLost(node, wake, ports)) {
      const refused = await launchOrRefusal(nodeTask(node, orchestration.graph, run), ports);
      if (refused !== undefined) await endUnclaimed(ports, key, refused);
    }
  }
}

/** Nobody claimed it: who was to launch it or to run it has died, or it has been too long. */
function mayBeLost(node: Node, wake: Wake, { clock, lostAfterMs = defaultLostAfterMs }: Ports): boolean {
  if (wake.reason === "resume" || wake.reason === "crash") return true;
  return clock.now() >= node.launchedAt + lostAfterMs;
}

async function buryIfGone(
  key: AttemptKey,
  claim: RunningAttempt,
  node: Pick<Node, "id" | "called">,
  wake: Wake,
  ports: Ports,
): Promise<boolean> {
  const isGone = (await ports.operator.isGone?.(claim)) ?? false;
  if (!isGone && ports.clock.now() < claim.until + clockSkewMs) return false;
  const buried = await buryAttempt(ports, key, claim, lost(key, node, { isGone, isResume: wake.reason === "resume" }));
  return buried.won;
}

function lost(
  key: AttemptKey,
  node: Pick<Node, "called">,
  { isGone, isResume }: { readonly isGone: boolean; readonly isResume: boolean },
): Outcome {
  const isOnce = node.called.policy?.delivery === "at_most_once";
  const code = isOnce ? "step_interrupted" : "step_lost";
  const how = isGone ? "its process died with the orchestrator" : "it did not end before its place had to";
  const error = failureOf(new SkeinError(code, `attempt ${key.attempt} of step ${key.id} left no outcome: ${how}`));
  const final = isOnce ? { retryable: false } : {};
  return { status: "failed", error: { ...error, step: key.id, ...final, ...(isResume && isGone ? { interrupted: true } : {}) } };
}

/** `over`: why nothing of the map starts any more; undefined while it may. */
async function mendMap(range: MapRange, wake: Wake, over: string | undefined, ports: Ports): Promise<void> {
  const { shape, run, node } = range;
  if (shape.items === 0) return closeMap(factsOf(range), shape, ports);
  let states = await statesOf(range, ports);
  let isBuried = false;
  for (const state of states.values()) {
    if (state.row.status !== "running") continue;
    const key = { run: run.id, id: state.id, attempt: state.attempt, item: addressOf(shape, state.index) };
    isBuried = (await buryIfGone(key, state.row, node, wake, ports)) || isBuried;
  }
  if (isBuried) states = await statesOf(range, ports);
  const isStuck = (index: number) => states.get(index)?.row.status !== "running" && states.get(index)?.final === undefined;
  if (over !== undefined && Array.from({ length: shape.items }, (_, i) => i).some(isStuck)) return endMap(node, run, over, ports);
  if (over === undefined) await mendBeginning(range, ports);
  for (let group = 0; group < groupCount(shape); group++) if (await mendGroup(range, group, states, wake, ports)) return;
}

async function statesOf({ run, shape, policy }: MapRange, { state }: Ports): Promise<ReadonlyMap<number, ItemState>> {
  return itemStates(await state.readItems(run.id, shape), policy);
}

/** What a turn does for a map as it launches it, and may have died over: pages for its lanes, the flag for who looks into it. */
async function mendBeginning(range: MapRange, ports: Ports): Promise<void> {
  const { shape, run, node } = range;
  if (shape.pages !== undefined && !(await hasPages(shape, shape.pages, ports.artifacts))) await writePages(range, shape.pages, ports);
  if (node.watched) await flagMap(ports.state, run.id, shape, { watch: true });
}

/** Answers whether the map was closed. */
async function mendGroup(
  range: MapRange,
  group: number,
  states: ReadonlyMap<number, ItemState>,
  wake: Wake,
  ports: Ports,
): Promise<boolean> {
  const { shape } = range;
  const open = itemsOf(shape, group).filter((index) => states.get(index)?.final === undefined);
  const next = hasLanes(shape) ? open.slice(0, 1) : open;
  for (const index of next) {
    const state = states.get(index);
    if (state === undefined) {
      if (mayBeLost(range.node, wake, ports)) await launchItems(range, [index], ports);
    } else if (state.row.status === "ended") {
      const first = range.task(index);
      const task = { ...first, key: { ...first.key, attempt: state.attempt + 1 } };
      const delayMs = Math.max(0, state.row.endedAt + (state.retryAfterMs ?? 0) - ports.clock.now());
      const refused = await retryItem(task, delayMs, ports);
      if (refused !== undefined) await settleItem(task, refused, shape, ports);
    }
  }
  return open.length === 0 && (await settleGroup({ facts: factsOf(range), map: shape, group }, ports));
}
