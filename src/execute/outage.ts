import { SkeinError } from "../model/error.ts";
import type { Failure } from "../model/failure.ts";

/** From this attempt on an outage counts as any failure: by then it has lasted a quarter of an hour. */
const maxAttempts = 9;
const firstPauseMs = 5_000;
const longestPauseMs = 300_000;

/** A store is out of reach for now: not refused, which somebody would have to mend. */
export function isOutage(error: unknown): boolean {
  return error instanceof SkeinError && error.code === "store_unavailable" && error.data?.["refused"] !== true;
}

/** What a failure says of an attempt that an outage has cost: it does not count, and the next one comes after a pause. */
export function costByOutage(attempt: number): Pick<Failure, "interrupted" | "retryAfterMs"> {
  if (attempt >= maxAttempts) return {};
  return { interrupted: true, retryAfterMs: Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs) };
}
