import { outputResources } from "./artifact-resource.ts";
import { errorResource } from "./error-resource.ts";
import { upstreamOf } from "./input-resource.ts";
import { isMap, type MapHistory } from "./history.ts";
import { countItems, itemsOf, mapState } from "./map-state.ts";
import type { MapResource } from "./resources.ts";
import type { RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { noRows, type AttemptRows } from "./step-state.ts";
import { isoTime } from "./time.ts";

/** Maps in the order of their calls; `rows`: the narrow ones, among which are those that close maps. */
export async function describeMaps(
  sources: Sources,
  view: RunView,
  rows: ReadonlyMap<string, AttemptRows>,
): Promise<readonly MapResource[]> {
  const maps: MapResource[] = [];
  for (const call of view.history.calls)
    if (isMap(call)) maps.push(await describeMap(sources, view, call, rows.get(call.call.id) ?? noRows));
  return maps;
}

export async function describeMap(sources: Sources, view: RunView, map: MapHistory, rows: AttemptRows): Promise<MapResource> {
  const { call } = map;
  const state = mapState(map, rows, view.moment);
  const items = itemsOf(map);
  const { outcome } = state;
  const started = [...map.launches.values()][0]?.at;
  const ended = map.final?.at ?? state.attempts.at(-1)?.endedAt;
  return {
    id: call.id,
    order: map.order,
    step: call.step,
    status: state.status,
    ...(state.reason === undefined ? {} : { reason: state.reason }),
    runtime: call.runtime,
    ...(items === undefined ? {} : { items }),
    steps: await countItems(sources, view, map),
    outputs: outcome !== undefined && "outputs" in outcome ? outputResources(outcome.outputs, sources.artifacts) : {},
    upstream: upstreamOf(view.history, call.input.edges, call.after),
    ...(started === undefined ? {} : { startedAt: isoTime(started) }),
    ...(ended === undefined ? {} : { endedAt: isoTime(ended) }),
    ...(outcome?.status === "failed" ? { error: errorResource(outcome.error) } : {}),
  };
}
