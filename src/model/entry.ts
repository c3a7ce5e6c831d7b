import type { RunEvent } from "./event.ts";
import type { Totals } from "./totals.ts";

/** One entry of a run's journal; the head is the run's mark and lease (rule R1). */
export interface JournalEntry {
  readonly v: 1;
  /** Dense, from 0. */
  readonly seq: number;
  /** Of this write: finding one's own nonce after a failed condition means success (R6). */
  readonly nonce: string;
  /** The turn that wrote it, and the invocation which that turn lives in. */
  readonly turn: string;
  readonly invocation: string;
  /** When that invocation cannot write any more, epoch milliseconds. */
  readonly until: number;
  readonly at: number;
  /** After this entry's launches the turn needs nothing but outcomes: the run is suspended exactly when its head says so. */
  readonly wait: boolean;
  readonly totals: Totals;
  readonly events: readonly RunEvent[];
}
