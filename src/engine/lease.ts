import type { JournalEntry } from "../model/entry.ts";
import type { Wake } from "../model/task.ts";
import { clockSkewMs } from "./ports.ts";

/** Another turn lives and will look at the run before it ends: while it runs inline work, its lease counts (R1, R3). */
export function isHeld(head: JournalEntry | undefined, turn: string, wake: Pick<Wake, "dead">, now: number): boolean {
  if (head === undefined || head.wait || head.turn === turn) return false;
  return now < head.until + clockSkewMs && wake.dead !== head.invocation;
}
