import type { Metadata } from "../model/failure.ts";
import type { LogRecord } from "../model/log.ts";

const levels: Readonly<Record<LogRecord["level"], true>> = { debug: true, info: true, warn: true, error: true };

/** The record that a line of JSON holds, which may or may not say the run; undefined for any other line. */
export function recordIn(line: string): (Omit<LogRecord, "run"> & { readonly run?: unknown }) | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  return isRecord(parsed) ? parsed : undefined;
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
