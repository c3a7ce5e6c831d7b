import type { Duration } from "../model/duration.ts";
import { SkeinError } from "../model/error.ts";
import type { Log } from "./log.ts";
import type { Parsed, Schema } from "./schema.ts";

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
  /** Lets time pass: `"30s"`, `"7d"`, or milliseconds. Nothing runs and nothing costs meanwhile. Not in static pipelines. */
  sleep(this: void, duration: Duration): Promise<void>;
  /**
   * Waits for a signal of this name from outside (`skein signal`, or `POST /runs/{id}/signals/{name}` of the API) and gives its value,
   * parsed by the schema; one that the schema refuses is logged, and waited for again. Signals that came before count. Nothing costs
   * meanwhile. Not in static pipelines.
   *
   * `timeout`: rejects with `wait_timeout` after it; default: never. `question`: shown to who may answer.
   */
  waitFor: WaitFor;
}

/** See `RunContext.waitFor`. */
export interface WaitFor {
  <S extends Schema>(
    this: void,
    name: string,
    options: { readonly schema: S; readonly timeout?: Duration | undefined; readonly question?: string | undefined },
  ): Promise<Parsed<S>>;
  (this: void, name: string, options?: { readonly timeout?: Duration | undefined; readonly question?: string | undefined }): Promise<void>;
}

/** What either of them throws in a static pipeline. */
export function waitInStaticPipeline(pipeline: string, what: "sleep" | "waitFor"): SkeinError {
  return new SkeinError(
    "bad_call",
    `static pipeline ${pipeline} cannot wait by run.${what}(): its function only says what runs after what; drop mode: "static"`,
  );
}
