import { SkeinError } from "../model/error.ts";
import { isMap, isStep, type MapHistory } from "./history.ts";
import { itemsOf, mapState } from "./map-state.ts";
import { describeMap } from "./maps.ts";
import type { MapResource, StepPage, StepRunResource, StepRunStatus } from "./resources.ts";
import { readView, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { statusCounts, totalOf } from "./status-counts.ts";
import { describeItems, describeStep, readNarrowRows } from "./step-runs.ts";
import { noRows, stepState, type AttemptRows } from "./step-state.ts";

export interface StepPageQuery {
  /** Without the items of maps they are told of as a whole only, which costs little however large they are; default true. */
  readonly items?: boolean;
  /** Only step runs and maps of this status. */
  readonly status?: StepRunStatus;
  /** Step runs and maps on a page; default 500. */
  readonly limit?: number;
  readonly cursor?: string;
}

const defaultLimit = 500;
/** A page ends early when it gets longer than this, in characters of JSON. */
const maxPage = 3_000_000;
/** Items among which a page looks for those of one status, at most. */
const maxLook = 5_000;
/** A step run with longer inputs is shown without them. */
const maxInputs = 500_000;

/**
 * A part of a run's step runs and maps. A page may hold fewer than `limit`, also where more follow: only `cursor` tells.
 *
 * @throws SkeinError `unknown_run`, `bad_option` for a cursor that no page gave
 */
export async function pageSteps(sources: Sources, run: string, query: StepPageQuery, now: number): Promise<StepPage> {
  const from = parseCursor(query.cursor);
  const view = await readView(sources, run, now);
  const page = new Page(query.limit ?? defaultLimit);
  const next = await fill(page, sources, view, query, from);
  return { steps: page.steps, maps: page.maps, ...(next === undefined ? {} : { cursor: formatCursor(next) }) };
}

/** Where a page begins: at a call, or within a map at one of its items. */
interface Position {
  readonly order: number;
  readonly item?: number;
}

/** Answers where the next page begins. */
async function fill(page: Page, sources: Sources, view: RunView, query: StepPageQuery, from: Position): Promise<Position | undefined> {
  const rows = await readNarrowRows(sources, view);
  for (const call of [...view.history.calls].slice(from.order)) {
    const own = rows.get(call.call.id) ?? noRows;
    const { order } = call;
    if (isStep(call)) {
      if (!isWanted(query, stepState(call, own, view.moment).status)) continue;
      if (!page.add("steps", bounded(await describeStep(sources, view, call, own)))) return { order };
    } else if (isMap(call)) {
      const first = order === from.order ? from.item : undefined;
      if (first === undefined && !(await addMap(page, sources, view, query, { map: call, rows: own }))) return { order };
      const item = query.items === false ? undefined : await addItems(page, sources, view, query, { map: call, first: first ?? 0 });
      if (item !== undefined) return { order, item };
    }
  }
  return undefined;
}

interface MapAndRows {
  readonly map: MapHistory;
  readonly rows: AttemptRows;
}

async function addMap(page: Page, sources: Sources, view: RunView, query: StepPageQuery, { map, rows }: MapAndRows): Promise<boolean> {
  return !isWanted(query, mapState(map, rows, view.moment).status) || page.add("maps", await describeMap(sources, view, map, rows));
}

interface MapPart {
  readonly map: MapHistory;
  readonly first: number;
}

/** Answers the first item that had no room. */
async function addItems(
  page: Page,
  sources: Sources,
  view: RunView,
  query: StepPageQuery,
  { map, first }: MapPart,
): Promise<number | undefined> {
  if (isKnownToLack(map, query)) return undefined;
  // One more than there is room for, which tells where the next page begins.
  let room = page.room + 1;
  const to = first + (query.status === undefined ? room : maxLook);
  const items = await describeItems(sources, view, map, {
    range: { from: first, to },
    wanted: (state) => isWanted(query, state.status) && room > 0 && room-- > 0,
  });
  const left = items.find((item) => !page.add("steps", bounded(item)));
  return left?.map?.index ?? (to < (itemsOf(map) ?? 0) ? to : undefined);
}

/** The journal counts the items of a map that has ended: where none has the status, their rows need not be read. */
function isKnownToLack(map: MapHistory, { status }: StepPageQuery): boolean {
  const counts = map.final?.counts;
  if (status === undefined || counts === undefined) return false;
  const known = statusCounts(counts);
  return known[status] === undefined && totalOf(known) === itemsOf(map);
}

function isWanted({ status }: StepPageQuery, actual: StepRunStatus): boolean {
  return status === undefined || status === actual;
}

class Page {
  readonly steps: StepRunResource[] = [];
  readonly maps: MapResource[] = [];
  readonly #limit: number;
  #characters = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get room(): number {
    return this.#limit - this.steps.length - this.maps.length;
  }

  /** False where there is no room; an empty page takes anything. */
  add<K extends "steps" | "maps">(kind: K, resource: Page[K][number]): boolean {
    const characters = this.#characters + JSON.stringify(resource).length;
    const isEmpty = this.steps.length + this.maps.length === 0;
    if (this.room <= 0 || (!isEmpty && characters > maxPage)) return false;
    this.#characters = characters;
    const resources: Page[K][number][] = this[kind];
    resources.push(resource);
    return true;
  }
}

function bounded(step: StepRunResource): StepRunResource {
  const characters = JSON.stringify(step.inputs).length;
  return characters <= maxInputs ? step : { ...step, inputs: [{ path: "", value: null, omitted: { characters } }] };
}

function formatCursor({ order, item }: Position): string {
  return item === undefined ? String(order) : `${order}.${item}`;
}

function parseCursor(cursor = "0"): Position {
  const [, order, item] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(cursor) ?? [];
  if (order === undefined)
    throw new SkeinError(
      "bad_option",
      `${JSON.stringify(cursor.slice(0, 60))} is no cursor of step runs: pass on the one that the last page gave.`,
    );
  return { order: Number(order), ...(item === undefined ? {} : { item: Number(item) }) };
}
