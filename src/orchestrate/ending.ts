import { failureOf, SkeinError } from "../model/error.ts";
import type { Ended } from "../model/event.ts";
import type { Failure } from "../model/failure.ts";
import type { Graph } from "./graph.ts";
import { isGood, type Node } from "./node.ts";
import { outputNodes } from "../define/returned.ts";
import { artifactsOf } from "./run-artifacts.ts";
import type { Standing } from "./standing.ts";

/** How the pipeline function's part in the run ended. */
type FunctionFacts = Pick<Standing, "returned" | "threw" | "halted" | "stopping" | "stray" | "isStatic">;

/** How a run ends whose function is over and whose step runs have all ended. A run with an unhandled failure never completes. */
export function endOf(graph: Graph, facts: FunctionFacts, now: number): Ended {
  const outputs = facts.returned === undefined ? {} : artifactsOf(facts.returned, graph);
  const ended = { t: "ended", outputs, at: now } as const;
  if (facts.stopping !== undefined)
    return { ...ended, status: "stopped", error: failureOf(new SkeinError("stopped", `the run was stopped: ${facts.stopping}`)) };
  const failed = unhandled(graph, facts.isStatic);
  // What a static pipeline gives was perhaps only skipped because of the failure.
  const first = facts.isStatic ? failed : failureOfResult(graph, facts);
  const error = facts.halted ?? facts.threw ?? first ?? failed ?? failureOfResult(graph, facts) ?? strayed(facts.stray);
  return error === undefined ? { ...ended, status: "completed" } : { ...ended, status: "failed", error };
}

/** The function returned the handle of something that then did not complete. */
function failureOfResult(graph: Graph, { returned }: FunctionFacts): Failure | undefined {
  for (const output of returned === undefined ? [] : outputNodes(returned)) {
    if ("partial" in output) continue;
    const node = graph.find(output.from);
    if (node?.delivered !== undefined && !isGood(node.delivered)) return failureOf(node.error());
  }
  return undefined;
}

function unhandled(graph: Graph, isStatic: boolean): Failure | undefined {
  const failed = graph.failed.filter((node) => (isStatic || !node.isHandled) && node.cancelReason === undefined);
  const [first] = failed;
  if (first === undefined) return undefined;
  return isStatic ? failureOf(first.error()) : unawaited(first, failed.length);
}

function unawaited(node: Node, count: number): Failure {
  const error = node.error();
  const others = count === 1 ? "" : ` (and ${count - 1} more)`;
  return {
    ...failureOf(
      new SkeinError("unawaited_failure", `step ${node.id} failed and nobody awaited it${others}: ${error?.message ?? "no reason"}`, {
        cause: error,
      }),
    ),
    step: node.id,
  };
}

function strayed(stray: Failure | undefined): Failure | undefined {
  if (stray === undefined) return undefined;
  return {
    ...failureOf(
      new SkeinError("unawaited_failure", `a promise of the pipeline function was rejected and nobody awaited it: ${stray.message}`),
    ),
    cause: stray,
  };
}
