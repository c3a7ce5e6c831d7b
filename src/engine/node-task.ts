import { findStep } from "../define/catalogue.ts";
import { cacheKey } from "../launch/cache-key.ts";
import { resolveEdges, taskOf } from "../launch/task.ts";
import type { AttemptKey } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import { widthOf } from "../model/latch.ts";
import type { RunRecord } from "../model/run.ts";
import type { MapShape, StepTask } from "../model/task.ts";
import type { MapNode, Node } from "../orchestrate/node.ts";
import type { Graph } from "../orchestrate/graph.ts";
import type { Ports } from "./ports.ts";
import { pagesKey } from "./map-pages.ts";

/** The task of a node's attempt; a map's items have tasks of their own. @throws SkeinError `artifact_missing` */
export function nodeTask(node: Node, graph: Graph, run: RunRecord): StepTask {
  const { called } = node;
  const edges = resolveEdges(called.input, (id) => graph.get(id).delivered);
  const key = called.policy?.cache === undefined ? undefined : cacheKey(findStep(called.step), called.input, edges);
  return taskOf(
    { key: keyOf(node, run), pipeline: run.pipeline, step: called.step, policy: called.policy, cacheKey: key },
    called.input,
    edges,
  );
}

export function keyOf(node: Node, run: RunRecord): AttemptKey {
  return { run: run.id, id: node.id, attempt: node.attempt };
}

export function shapeOf(map: MapNode, run: RunRecord): MapShape {
  const items = map.size ?? 0;
  const width = widthOf(items, map.called.maxConcurrency, run.maxConcurrency);
  const shape = { id: map.id, items, width };
  return items > width ? { ...shape, pages: pagesKey(run.id, map.id) } : shape;
}

/** A finished outcome of the same computation, whose artifacts are still there. */
export async function lookUpCache(key: string, ports: Pick<Ports, "state" | "artifacts" | "clock">): Promise<Outcome | undefined> {
  const row = await ports.state.readCache(key);
  if (row === undefined || (row.expiresAt !== undefined && row.expiresAt <= ports.clock.now())) return undefined;
  const present = await Promise.all(Object.values(row.outputs).map(async ({ at }) => ("key" in at ? ports.artifacts.has(at.key) : true)));
  if (present.includes(false)) return undefined;
  return { status: "cached", outputs: row.outputs, ...(row.metadata === undefined ? {} : { metadata: row.metadata }), origin: row.origin };
}

/** The cached outcome of a node that is ready, or undefined; maps look theirs up item by item. */
export async function cachedOutcome(
  node: Node,
  graph: Graph,
  ports: Pick<Ports, "state" | "artifacts" | "clock">,
): Promise<Outcome | undefined> {
  const { called } = node;
  if (called.t === "mapped" || called.policy?.cache === undefined) return undefined;
  const edges = resolveEdges(called.input, (id) => graph.get(id).delivered);
  return lookUpCache(cacheKey(findStep(called.step), called.input, edges), ports);
}
