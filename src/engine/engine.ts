import type { RunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { LogReader } from "../ports/log-sink.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { SignalRequest } from "./send-signal.ts";

/** What a door opens: starts and controls runs, and gives the stores that `observe/` reads. */
export interface Engine {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogReader;
  /** Creates the run and asks for its first turn. Bad parameters or names: an error, and nothing was created. */
  start(pipeline: string, params: unknown, options?: StartRequest): Promise<Started>;
  /** Goes on with a run whose process has died; refuses a live one (`run_is_live`), answers at once for an ended one. */
  resume(run: RunId, options?: { readonly acceptCodeChange?: boolean }): Promise<void>;
  /** Writes the stop request and pokes whoever runs the run. */
  stop(run: RunId, reason?: string): Promise<void>;
  /** Tells the run something that it may wait for (`run.waitFor`). @throws SkeinError `bad_option`, `run_has_ended`, `unknown_run` */
  signal(run: RunId, request: SignalRequest): Promise<void>;
  /** Resolves when the run has ended, in this process or another. */
  ended(run: RunId, signal?: AbortSignal): Promise<RunRecord>;
  close(): Promise<void>;
}

export interface StartRequest {
  readonly idempotencyKey?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}
/** `created` is false where the idempotency key named a run that was there already. */
export interface Started {
  readonly run: RunRecord;
  readonly created: boolean;
}
