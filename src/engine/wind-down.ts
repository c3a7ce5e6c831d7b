import type { OutcomeSeen } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { endUnclaimed } from "../record/attempt.ts";
import { endMap } from "./end-map.ts";
import type { InlineWork } from "./inline-work.ts";
import { keyOf } from "./node-task.ts";
import type { Ports } from "./ports.ts";

const none: readonly OutcomeSeen[] = [];

/** Ends what need not go on: given up by the function, or part of a run that is over (R14). Each step run is told once. */
export class WindDown {
  /** Who has been told, and whether to abort: what was left to finish may be asked to abort later. */
  readonly #told = new Map<StepRunId, boolean>();

  /** Outcomes of what had not been claimed yet; what runs is asked to abort where it must, and awaited. */
  async apply(orchestration: Orchestration, run: RunRecord, work: InlineWork, ports: Ports): Promise<readonly OutcomeSeen[]> {
    const { closed, graph } = orchestration;
    if (closed === undefined && graph.cancelled.size === 0) return none;
    const seen: OutcomeSeen[] = [];
    for (const node of graph.launched) {
      const reason = node.cancelReason ?? closed;
      const mustAbort = node.cancelReason !== undefined || orchestration.mustAbort;
      if (reason === undefined || this.#told.get(node.id) === true || this.#told.get(node.id) === mustAbort) continue;
      this.#told.set(node.id, mustAbort);
      if (work.has(node.id)) {
        if (mustAbort) work.abort(node.id, reason);
      } else if (node.called.runtime === "isolated") seen.push(...(await this.#endIsolated(node, { run, reason, mustAbort }, ports)));
      else if (node.dueAt !== undefined) seen.push(neverStarted(node, reason, ports.clock.now()));
    }
    return seen;
  }

  async #endIsolated(
    node: Node,
    { run, reason, mustAbort }: { readonly run: RunRecord; readonly reason: string; readonly mustAbort: boolean },
    ports: Ports,
  ): Promise<readonly OutcomeSeen[]> {
    if (node instanceof MapNode) {
      if (mustAbort || node.size === undefined) await endMap(node, run, reason, ports);
      return [];
    }
    const key = keyOf(node, run);
    const never = neverStarted(node, reason, ports.clock.now());
    const ended = await endUnclaimed(ports, key, never.outcome);
    if (ended.won) return [never];
    if (ended.row?.status === "ended") return [{ ...never, outcome: ended.row.outcome }];
    if (mustAbort) await ports.operator.abort(key, reason);
    return [];
  }
}

/** The end of an attempt that was launched and never begun. A retry has failed with what it was to mend. */
export function neverStarted(node: Node, reason: string, at: number): OutcomeSeen {
  const outcome =
    node.lastFailure === undefined
      ? ({ status: "cancelled", reason } as const)
      : ({ status: "failed", error: { ...node.lastFailure, retryable: false } } as const);
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome, at };
}
