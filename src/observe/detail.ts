import { describeMaps } from "./maps.ts";
import type { RunDetail } from "./resources.ts";
import { describeView } from "./run.ts";
import { readView, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { describeStepRuns, readNarrowRows } from "./step-runs.ts";

/** What to read: without `items`, maps are told of as a whole only, which costs little however large they are. */
export interface DetailOptions {
  readonly items: boolean;
}

/** The run with all its step runs and maps. Throws `unknown_run`. */
export async function describeDetail(
  sources: Sources,
  run: string,
  now: number,
  options: DetailOptions = { items: true },
): Promise<RunDetail> {
  return detailOf(sources, await readView(sources, run, now), options);
}

async function detailOf(sources: Sources, view: RunView, options: DetailOptions): Promise<RunDetail> {
  const rows = await readNarrowRows(sources, view);
  const steps = await describeStepRuns(sources, view, rows, options);
  return { run: await describeView(sources, view), steps, maps: await describeMaps(sources, view, rows) };
}

/** The step runs of a run, in the order of their calls. Throws `unknown_run`. */
export async function describeSteps(sources: Sources, run: string, now: number): Promise<RunDetail["steps"]> {
  return (await describeDetail(sources, run, now)).steps;
}
