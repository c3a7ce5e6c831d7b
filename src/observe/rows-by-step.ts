import type { AttemptRow } from "../model/attempt.ts";
import type { StoredAttempt } from "../ports/state-store.ts";
import type { AttemptRows } from "./step-state.ts";

/** The rows of each step run, by its id and then by attempt. */
export function rowsByStep(stored: readonly StoredAttempt[]): ReadonlyMap<string, AttemptRows> {
  const byId = new Map<string, Map<number, AttemptRow>>();
  for (const { id, attempt, row } of stored) {
    const own = byId.get(id);
    if (own === undefined) byId.set(id, new Map([[attempt, row]]));
    else own.set(attempt, row);
  }
  return byId;
}
