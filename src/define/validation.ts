import { formatPath } from "../model/input.ts";
import type { Schema } from "./schema.ts";

/** What a schema says of a value. `cause`: what it threw instead of answering. */
export type Validation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[]; readonly cause?: unknown };

export interface Issue {
  /** In the manner of `days[3].tempMax`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** Asks a schema; a promise comes back only from a schema that is asynchronous. Never throws or rejects. */
export function validate(schema: Schema, value: unknown): Validation | Promise<Validation> {
  try {
    const result = schema["~standard"].validate(value);
    return isPromise(result) ? result.then(read, refused) : read(result);
  } catch (cause) {
    return refused(cause);
  }
}

const shown = 10;

/** `days[3].tempMax: expected number; degree: too small`, the first ten. */
export function formatIssues(issues: readonly Issue[]): string {
  const texts = issues.slice(0, shown).map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return texts.join("; ") + (issues.length > shown ? `; and ${issues.length - shown} more` : "");
}

function read(result: unknown): Validation {
  if (typeof result !== "object" || result === null) return refused(new TypeError("the schema gave no result"));
  if (!("issues" in result) || result.issues === undefined) return { ok: true, value: "value" in result ? result.value : undefined };
  return { ok: false, issues: Array.isArray(result.issues) ? result.issues.map(readIssue) : [] };
}

/** A transform that throws refuses its value in its own way. */
function refused(cause: unknown): Validation {
  return { ok: false, issues: [{ path: "", message: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause) }], cause };
}

function readIssue(issue: { readonly message?: unknown; readonly path?: unknown }): Issue {
  const parts: readonly unknown[] = Array.isArray(issue.path) ? issue.path : [];
  // Zod puts the same two words before most of its messages; the path says as much.
  return { path: formatPath(parts.map(readPart)), message: String(issue.message).replace(/^Invalid input: /, "") };
}

function readPart(part: unknown): string | number {
  const key = typeof part === "object" && part !== null && "key" in part ? part.key : part;
  return typeof key === "number" ? key : String(key);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || (typeof value === "object" && value !== null && "then" in value && typeof value.then === "function");
}
