import type { StatusCounts, StepRunStatus } from "./resources.ts";

export const stepRunStatuses = ["pending", "running", "completed", "cached", "failed", "skipped", "cancelled", "stopped"] as const;

export function countStatuses(statuses: Iterable<StepRunStatus>): StatusCounts {
  const counts: Partial<Record<StepRunStatus, number>> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export function addCounts(a: StatusCounts, b: StatusCounts): StatusCounts {
  const sum: Partial<Record<StepRunStatus, number>> = { ...a };
  for (const status of stepRunStatuses) if (b[status] !== undefined) sum[status] = (sum[status] ?? 0) + b[status];
  return sum;
}

/** Totals that the journal keeps, without its zeros. */
export function statusCounts(totals: Readonly<Record<string, number>>): StatusCounts {
  const counts: Partial<Record<StepRunStatus, number>> = {};
  for (const status of stepRunStatuses) {
    const total = totals[status] ?? 0;
    if (total > 0) counts[status] = total;
  }
  return counts;
}

/** All of them, or those that have ended. */
export function totalOf(counts: StatusCounts, which: "all" | "ended" = "all"): number {
  const statuses: readonly StepRunStatus[] = which === "all" ? stepRunStatuses : stepRunStatuses.slice(2);
  return statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
