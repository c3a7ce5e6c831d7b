import { SkeinError } from "../model/error.ts";
import { parseRunId } from "../model/id.ts";
import type { RunId } from "../model/id.ts";
import type { RunQuery } from "../ports/state-store.ts";

/** A place in a list of runs that is ordered by a time and, within one millisecond, by id. A cursor is the last place of its page. */
export interface RunPosition {
  readonly at: number;
  readonly run: RunId;
}

/** How many due runs a page holds. */
export const duePage = 100;

export function cursorOf(position: RunPosition): string {
  return `${position.at}-${position.run}`;
}

/** Undefined without a cursor; `bad_option` for one that no page gave. */
export function positionOf(cursor: string | undefined): RunPosition | undefined {
  if (cursor === undefined) return undefined;
  const [, at, id] = /^(\d{1,15})-(.+)$/.exec(cursor) ?? [];
  const run = parseRunId(id ?? "");
  if (at === undefined || run === undefined)
    throw new SkeinError("bad_option", `the cursor ${JSON.stringify(cursor)} is none: pass on the one that the last page gave`);
  return { at: Number(at), run };
}

/** `bad_option` unless 1 to 1,000. */
export function pageLimit(query: RunQuery): number {
  const limit = query.limit ?? 50;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new SkeinError("bad_option", `a page holds 1 to 1,000 runs: limit ${limit} is not possible`);
  return limit;
}

/** Older runs come after newer ones. */
export function newestFirst(a: RunPosition, b: RunPosition): number {
  return -oldestFirst(a, b);
}

export function oldestFirst(a: RunPosition, b: RunPosition): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.run === b.run ? 0 : a.run < b.run ? -1 : 1;
}
