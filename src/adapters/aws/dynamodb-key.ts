import { fanIn } from "../../model/latch.ts";
import { parseRunId } from "../../model/id.ts";
import type { AttemptKey } from "../../model/attempt.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import { keyOfSignal, type Signal } from "../../model/signal.ts";
import type { MapFlags } from "../../ports/state-store.ts";
import type { RunPosition } from "../run-position.ts";
import type { ItemKey } from "./dynamodb-item.ts";

/**
 * Where items lie (R21). Numbers are padded, so that they sort as text.
 *
 *     run            RUN | J#seq | K#sig#name#id | K#stop | S#step run#attempt
 *     run/shard      M#map#group#item#attempt | M#map#group#~watch | M#map#group#~stop: the group's flags, after its items
 *     run/map/level/block    node: 32 nodes of a latch, those that one reader looks at
 *     CACHE#key      CACHE
 *     ARTIFACT#name  HEAD (the last number) | V#artifact id
 *     PIPELINES      name: those that have runs
 */
const runSort = "RUN";
export const stopSort = "K#stop";
export const pipelines = "PIPELINES";

/** Greater than every character that follows a common beginning. */
const last = "~";

export interface Range {
  readonly PK: string;
  readonly from: string;
  readonly to: string;
}

export function runKey(run: RunId): ItemKey {
  return { PK: run, SK: runSort };
}

export function entryKey(run: RunId, seq: number): ItemKey {
  return { PK: run, SK: `J#${pad(seq, 8)}` };
}

/** Between the journal and the stop request, so that one query gives all three (R21). */
export const signalSort = "K#sig#";

export function signalKey(run: RunId, signal: Pick<Signal, "name" | "id">): ItemKey {
  return { PK: run, SK: `${signalSort}${keyOfSignal(signal)}` };
}

export function stopKey(run: RunId): ItemKey {
  return { PK: run, SK: stopSort };
}

/** The journal after `after`, and the stop request. */
export function tailRange(run: RunId, after: number): Range {
  return { PK: run, from: entryKey(run, after + 1).SK, to: stopSort };
}

export function attemptKey({ run, id, attempt, item }: AttemptKey): ItemKey {
  if (item === undefined) return { PK: run, SK: `S#${id}#${pad(attempt, 5)}` };
  return { PK: shard(run, item.shard), SK: `M#${item.map}#${pad(item.group, 7)}#${pad(item.index, 7)}#${pad(attempt, 5)}` };
}

export function attemptRange(run: RunId): Range {
  return { PK: run, from: "S#", to: `S#${last}` };
}

/** `S#fit#00002` → `fit`, 2. */
export function attemptOf(sort: string): { readonly id: StepRunId; readonly attempt: number } {
  const [, id = "", attempt] = sort.split("#");
  return { id, attempt: Number(attempt) };
}

export function itemRange(run: RunId, map: StepRunId, place: { readonly shard: number; readonly group?: number }): Range {
  const from = place.group === undefined ? `M#${map}#` : `M#${map}#${pad(place.group, 7)}#`;
  return { PK: shard(run, place.shard), from, to: `${from}${last}${last}` };
}

/** `M#score#0000001#0000033#00002` → 33, 2. */
export function itemOf(sort: string): { readonly index: number; readonly attempt: number } {
  const [, , , index, attempt] = sort.split("#");
  return { index: Number(index), attempt: Number(attempt) };
}

export const mapFlags = ["watch", "stop"] as const satisfies readonly (keyof MapFlags)[];
export type MapFlag = (typeof mapFlags)[number];

export function flagKey(run: RunId, map: StepRunId, place: { readonly shard: number; readonly group: number }, flag: MapFlag): ItemKey {
  return { PK: shard(run, place.shard), SK: `M#${map}#${pad(place.group, 7)}#${last}${flag}` };
}

/** `M#score#0000001#~stop` → "stop"; undefined: it is the row of an item. */
export function flagOf(sort: string): MapFlag | undefined {
  const [, , , flag] = sort.split("#");
  return mapFlags.find((one) => flag === `${last}${one}`);
}

export function nodeKey(run: RunId, map: StepRunId, level: number, node: number): ItemKey {
  return { PK: block(run, map, level, node), SK: pad(node, 7) };
}

/** Where the nodes `from` (included) to `to` (excluded) are marked, by blocks. */
export function nodeRanges(run: RunId, map: StepRunId, level: number, from: number, to: number): readonly Range[] {
  const ranges: Range[] = [];
  for (let start = from; start < to; start = (Math.floor(start / fanIn) + 1) * fanIn) {
    const end = Math.min(to, (Math.floor(start / fanIn) + 1) * fanIn);
    ranges.push({ PK: block(run, map, level, start), from: pad(start, 7), to: pad(end - 1, 7) });
  }
  return ranges;
}

export function cacheKey(key: string): ItemKey {
  return { PK: `CACHE#${key}`, SK: "CACHE" };
}

export function lastVersionKey(name: string): ItemKey {
  return { PK: `ARTIFACT#${name}`, SK: "HEAD" };
}

export function versionKey(name: string, artifact: string): ItemKey {
  return { PK: `ARTIFACT#${name}`, SK: `V#${artifact}` };
}

export function versionRange(name: string): Range {
  return { PK: `ARTIFACT#${name}`, from: "V#", to: `V#${last}` };
}

export function pipelineKey(name: string): ItemKey {
  return { PK: pipelines, SK: name };
}

/** A position as a sort key of an index. */
export function positionSort({ at, run }: RunPosition): string {
  return `${pad(at, 15)}-${run}`;
}

export function positionIn(sort: string | undefined): RunPosition | undefined {
  const [at, id = ""] = (sort ?? "").split("-");
  const run = parseRunId(id);
  return run === undefined ? undefined : { at: Number(at), run };
}

/**
 * The one partition of runs that are due, so that a sweep is one query. It takes 1,000 writes a second; a run makes two at least,
 * one at its start and one at its end.
 */
export const duePartition = "due";

function shard(run: RunId, index: number): string {
  return `${run}/${index}`;
}

function block(run: RunId, map: StepRunId, level: number, node: number): string {
  return `${run}/${map}/${level}/${Math.floor(node / fanIn)}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
