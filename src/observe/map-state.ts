import { itemId, type RunId } from "../model/id.ts";
import { addressOf, widthOf } from "../model/latch.ts";
import type { MapShape } from "../model/task.ts";
import type { StoredAttempt } from "../ports/state-store.ts";
import type { MapHistory } from "./history.ts";
import { rowsByStep } from "./rows-by-step.ts";
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

/** Items of a map: `from` is included, `to` is not. */
export interface ItemRange {
  readonly from: number;
  readonly to: number;
}

/** The rows of these items of a map, or of all, in their order: none for those that have not started. */
export async function readItemRows(
  sources: Sources,
  view: RunView,
  map: MapHistory,
  range: ItemRange = { from: 0, to: Infinity },
): Promise<readonly AttemptRows[]> {
  const shape = shapeOf(map, view);
  if (shape === undefined) return [];
  const to = Math.min(range.to, shape.items);
  const indexes = Array.from({ length: Math.max(0, to - range.from) }, (_, i) => range.from + i);
  const isAll = indexes.length === shape.items;
  const stored = await (isAll ? sources.state.readItems(view.record.id, shape) : readSome(sources, view.record.id, shape, indexes));
  const rows = rowsByStep(stored);
  return indexes.map((index) => rows.get(itemId(map.call.id, index)) ?? noRows);
}

/** By their keys: in lanes items that follow each other lie far apart, so that any range of keys would hold most of the others too. */
async function readSome({ state }: Sources, run: RunId, shape: MapShape, indexes: readonly number[]): Promise<readonly StoredAttempt[]> {
  const stored: StoredAttempt[] = [];
  let asked = indexes;
  // Only what failed may have been tried again.
  for (let attempt = 1; asked.length > 0; attempt++) {
    const keys = asked.map((index) => ({ run, id: itemId(shape.id, index), attempt, item: addressOf(shape, index) }));
    const rows = await state.readAttempts(keys);
    const failed: number[] = [];
    for (const [i, row] of rows.entries()) {
      const key = keys[i];
      if (key === undefined || row === undefined) continue;
      stored.push({ id: key.id, attempt, row });
      if (row.status === "ended" && row.outcome.status === "failed") failed.push(key.item.index);
    }
    asked = failed;
  }
  return stored;
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
