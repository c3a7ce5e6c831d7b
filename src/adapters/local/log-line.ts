import type { Metadata } from "../../model/failure.ts";
import type { RunId } from "../../model/id.ts";
import type { LogRecord } from "../../model/log.ts";

const levels: Readonly<Record<LogRecord["level"], true>> = { debug: true, info: true, warn: true, error: true };

/** A record as a line of its run's file, which says the run already. */
export function formatLine({ run: _, ...rest }: LogRecord): string {
  return `${JSON.stringify(rest)}\n`;
}

/** Undefined for a line that a killed writer left unfinished. */
export function parseLine(run: RunId, line: string): LogRecord | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isRecord(parsed) ? { run, ...parsed } : undefined;
}

function isRecord(value: unknown): value is Omit<LogRecord, "run"> {
  if (typeof value !== "object" || value === null) return false;
  const { at, level, message, step, attempt, fields }: Partial<Record<keyof LogRecord, unknown>> = value;
  if (typeof at !== "number" || typeof message !== "string" || typeof level !== "string" || !Object.hasOwn(levels, level)) return false;
  return isOptional(step, "string") && isOptional(attempt, "number") && (fields === undefined || isFields(fields));
}

function isOptional(value: unknown, type: "string" | "number"): boolean {
  return value === undefined || typeof value === type;
}

function isFields(value: unknown): value is Metadata {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
