import type { Launched, OutcomeSeen } from "../model/event.ts";
import type { Outcome } from "../model/outcome.ts";
import { retryDelayMs } from "../model/policy.ts";
import type { Graph } from "./graph.ts";
import { MapNode, type Node } from "./node.ts";

/** What decides whether anything may start. */
export interface Rules {
  /** Why nothing starts any more; undefined while things may. */
  readonly closed: string | undefined;
  readonly maxConcurrency: number | undefined;
  /** A cached outcome that stands in for a launch. */
  readonly cached: (node: Node) => Outcome | undefined;
  /** A map's items, or why it cannot be mapped. */
  readonly sizeOf: (map: MapNode) => number | Outcome;
}

/** The next event that follows from where the step runs stand, at `now`; undefined when nothing does. Pure. */
export function nextEvent(graph: Graph, rules: Rules, now: number): Launched | OutcomeSeen | undefined {
  const [doomed] = graph.doomed;
  if (doomed !== undefined) return unstarted(doomed, now, skipped(doomed));
  const given = rules.closed === undefined ? firstCancelled(graph) : firstOf(graph.ready, graph.retrying, graph.waiting);
  if (given !== undefined) return unstarted(given, now, lastWord(given, rules.closed ?? given.cancelReason ?? "cancelled"));
  const hasPlace = rules.maxConcurrency === undefined || graph.launched.size < rules.maxConcurrency;
  if (!hasPlace) return undefined;
  const [retrying] = graph.retrying;
  if (retrying !== undefined) return relaunched(retrying, now);
  const [ready] = graph.ready;
  return ready === undefined ? undefined : launched(ready, rules, now);
}

function launched(node: Node, rules: Rules, now: number): Launched | OutcomeSeen {
  const cached = rules.cached(node);
  if (cached !== undefined) return unstarted(node, now, cached);
  if (!(node instanceof MapNode)) return { t: "launched", id: node.id, attempt: node.attempt + 1 };
  const size = rules.sizeOf(node);
  return typeof size === "number" ? { t: "launched", id: node.id, attempt: node.attempt + 1, items: size } : unstarted(node, now, size);
}

function relaunched(node: Node, now: number): Launched {
  const delay = node.lastFailure === undefined ? 0 : (retryDelayMs(node.called.policy ?? {}, node.lastFailure, node.failures) ?? 0);
  const next = { t: "launched", id: node.id, attempt: node.attempt + 1 } as const;
  return delay > 0 ? { ...next, dueAt: now + delay } : next;
}

function unstarted(node: Node, now: number, outcome: Outcome): OutcomeSeen {
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome, at: now };
}

function skipped(node: Node): Outcome {
  const upstream = node.badUpstream;
  return {
    status: "skipped",
    reason: `it depends on ${upstream?.id ?? "a step"}, which did not complete`,
    ...(upstream === undefined ? {} : { upstream: upstream.id }),
  };
}

/** A step run that waits for its next attempt has failed; one that never started was cancelled. */
function lastWord(node: Node, reason: string): Outcome {
  return node.lastFailure === undefined ? { status: "cancelled", reason } : { status: "failed", error: node.lastFailure };
}

function firstOf(...sets: readonly ReadonlySet<Node>[]): Node | undefined {
  for (const set of sets) for (const node of set) return node;
  return undefined;
}

function firstCancelled(graph: Graph): Node | undefined {
  for (const node of graph.cancelled) if (node.state !== "launched" && node.state !== "ended") return node;
  return undefined;
}
