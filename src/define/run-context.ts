import type { Log } from "./log.ts";

/** The second parameter of a pipeline function: what it may know beside its parameters, the same in every replay. */
export interface RunContext {
  /** Of the run. */
  readonly id: string;
  /** Lines are written once, however often the function is replayed. */
  readonly log: Log;
  /** The time of the last thing that the function saw; it does not move between two awaits. */
  now(this: void): Date;
  /** In [0, 1), seeded by the run's id. */
  random(this: void): number;
  /** A version 4 UUID, seeded by the run's id. */
  uuid(this: void): string;
}
