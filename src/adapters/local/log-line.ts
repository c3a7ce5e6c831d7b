import type { RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";
import { recordIn } from "../log-record.ts";

/** A record as a line of its run's file, which says the run already. */
export function formatLine({ run: _, ...rest }: LogRecord): string {
  return `${JSON.stringify(rest)}\n`;
}

/** Undefined for a line that a killed writer left unfinished. */
export function parseLine(run: RunId, line: string): LogRecord | undefined {
  const record = recordIn(line);
  return record === undefined ? undefined : { ...record, run };
}
