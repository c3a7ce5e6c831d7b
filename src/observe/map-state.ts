import type { AttemptRow } from "../model/attempt.ts";
import { itemId } from "../model/id.ts";
import { widthOf } from "../model/latch.ts";
import type { MapShape } from "../model/task.ts";
import type { MapHistory } from "./history.ts";
import type { RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { countStatuses, statusCounts } from "./status-counts.ts";
import { itemState, noRows, stepState, type AttemptRows, type Moment, type StepState } from "./step-state.ts";
import type { StatusCounts } from "./resources.ts";

/** Undefined until the map's launch has said how many items there are. */
export function itemsOf(map: MapHistory): number | undefined {
  return [...map.launches.values()].findLast((launch) => launch.items !== undefined)?.items;
}

/** As the engine has it, on which the places of the items' rows depend. */
export function shapeOf(map: MapHistory, { record }: Pick<RunView, "record">): MapShape | undefined {
  const items = itemsOf(map);
  return items === undefined
    ? undefined
    : { id: map.call.id, items, width: widthOf(items, map.call.maxConcurrency, record.maxConcurrency) };
}

/** The map as a whole: it runs from its launch until its closing row or the outcome that the run has seen. */
export function mapState(map: MapHistory, rows: AttemptRows, moment: Moment): StepState {
  const state = stepState(map, rows, moment);
  return state.status === "pending" && itemsOf(map) !== undefined ? { ...state, status: "running" } : state;
}

/** The rows of every item of a map, by index: none for those that have not started. */
export async function readItemRows(sources: Sources, view: RunView, map: MapHistory): Promise<readonly AttemptRows[]> {
  const shape = shapeOf(map, view);
  if (shape === undefined) return [];
  const rows = new Map<string, Map<number, AttemptRow>>();
  for (const { id, attempt, row } of await sources.state.readItems(view.record.id, shape)) {
    const own = rows.get(id);
    if (own === undefined) rows.set(id, new Map([[attempt, row]]));
    else own.set(attempt, row);
  }
  return Array.from({ length: shape.items }, (_, index) => rows.get(itemId(map.call.id, index)) ?? noRows);
}

export function stateOfItem(map: MapHistory, rows: AttemptRows, moment: Moment): StepState {
  return itemState(map.call.policy, rows, map.final?.outcome, moment);
}

/** How many items have each status (a map that never started counts once); reads rows only until the run has seen the map's outcome. */
export async function countItems(sources: Sources, view: RunView, map: MapHistory): Promise<StatusCounts> {
  const { final } = map;
  if (final?.counts !== undefined) return statusCounts(final.counts);
  if (final !== undefined && itemsOf(map) === undefined) return { [final.outcome.status]: 1 };
  const rows = await readItemRows(sources, view, map);
  return countStatuses(rows.map((own) => stateOfItem(map, own, view.moment).status));
}
