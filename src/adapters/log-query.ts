import { SkeinError } from "../model/error.ts";
import type { LogRecord } from "../model/log.ts";
import type { LogReaderQuery } from "../ports/log-sink.ts";

export function asksFor(query: LogReaderQuery, record: LogRecord): boolean {
  if (query.step !== undefined && record.step !== query.step) return false;
  return query.attempt === undefined || record.attempt === query.attempt;
}

/** Where to go on: a cursor is a number to those who made it. Throws `bad_option` for anything else. */
export function positionOf(query: LogReaderQuery): number {
  if (query.cursor === undefined) return 0;
  if (/^\d{1,15}$/.test(query.cursor)) return Number(query.cursor);
  const shown = JSON.stringify(query.cursor.slice(0, 60));
  throw new SkeinError("bad_option", `${shown} is no log cursor: give one that an earlier read of the same run gave.`);
}
