import { isMap, isStep } from "./history.ts";
import { countItems } from "./map-state.ts";
import type { StepRunResource } from "./resources.ts";
import { readView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { describeItems, describeStep, readNarrowRows } from "./step-runs.ts";
import { noRows } from "./step-state.ts";

/** The first `limit` step runs that failed, items of maps included. Throws `unknown_run`. */
export async function describeFailures(sources: Sources, run: string, now: number, limit: number): Promise<readonly StepRunResource[]> {
  const view = await readView(sources, run, now);
  const rows = await readNarrowRows(sources, view);
  const failures: StepRunResource[] = [];
  for (const call of view.history.calls) {
    if (failures.length >= limit) break;
    if (isStep(call)) {
      if (call.final?.outcome.status === "failed") failures.push(await describeStep(sources, view, call, rows.get(call.call.id) ?? noRows));
    } else if (isMap(call) && ((await countItems(sources, view, call)).failed ?? 0) > 0) {
      failures.push(
        ...(await describeItems(sources, view, call, { wanted: (state) => state.status === "failed" })).slice(0, limit - failures.length),
      );
    }
  }
  return failures;
}
