import { SkeinError } from "../model/error.ts";
import type { StepRunId } from "../model/id.ts";
import type { PlannedCall } from "./plan.ts";

/**
 * A plan is a graph of known step runs without cycles. The function's calls cannot break this by themselves (a handle exists only
 * after its call); plans that come as data can.
 *
 * @throws SkeinError `duplicate_step_id`, `unknown_upstream`, `cyclic_plan`
 */
export function checkCalls(pipeline: string, calls: readonly PlannedCall[]): void {
  const upstream = new Map<StepRunId, readonly StepRunId[]>();
  for (const call of calls) {
    if (upstream.has(call.id))
      throw new SkeinError("duplicate_step_id", `static pipeline ${pipeline} has two step runs with the id "${call.id}"`);
    upstream.set(call.id, [...call.input.edges.map((edge) => edge.from), ...(call.after ?? [])]);
  }
  for (const [id, needed] of upstream) {
    for (const other of needed)
      if (!upstream.has(other))
        throw new SkeinError(
          "unknown_upstream",
          `static pipeline ${pipeline}: step run ${id} depends on ${other}, which is no step run of it`,
        );
  }
  const cycle = findCycle(upstream);
  if (cycle !== undefined) throw new SkeinError("cyclic_plan", `static pipeline ${pipeline} has a cycle: ${cycle.join(" → ")}`);
}

/** Takes away what depends on nothing that is left, until nothing is left or only cycles and what hangs on them. */
function findCycle(upstream: ReadonlyMap<StepRunId, readonly StepRunId[]>): readonly StepRunId[] | undefined {
  const left = new Map(upstream);
  for (let isShrinking = true; isShrinking;) {
    isShrinking = false;
    for (const [id, needed] of left) {
      if (needed.some((other) => left.has(other))) continue;
      left.delete(id);
      isShrinking = true;
    }
  }
  const [start] = left.keys();
  if (start === undefined) return undefined;
  const walk: StepRunId[] = [];
  for (let at: StepRunId | undefined = start; at !== undefined; at = left.get(at)?.find((other) => left.has(other))) {
    const before = walk.indexOf(at);
    walk.push(at);
    if (before >= 0) return walk.slice(before);
  }
  return undefined;
}
