import type { StartRequest } from "../engine/engine.ts";
import type { SignalRequest } from "../engine/send-signal.ts";
import type { LogPage, LogQuery } from "../observe/logs.ts";
import type { PipelineResource } from "../observe/pipeline-resource.ts";
import type { PlanResource } from "../observe/plan-resource.ts";
import type { RunDetail, RunPage, RunReport, RunResource, StepRunResource, VersionResource } from "../observe/resources.ts";
import type { RunListQuery } from "../observe/run-list.ts";
import type { ProgressView } from "./progress-view.ts";

/** Where commands ask and order: runs in a folder of this machine, or a deployed API. Errors are `SkeinError`s. */
export interface Desk {
  /** What defines the pipelines, for people: the catalogue file, or the API's address. */
  catalogueName(): string;
  /** Whether what `definedAt` names can be opened: files of this machine, and not places in the bundle of a deployment. */
  readonly hasSources: boolean;
  listPipelines(): Promise<readonly PipelineResource[]>;
  plan(pipeline: string, params: unknown): Promise<PlanResource>;
  /** `created` is false where the key had started the run before; it goes on, if it had been interrupted. */
  start(pipeline: string, params: unknown, request: StartRequest): Promise<{ readonly run: FollowedRun; readonly created: boolean }>;
  resume(run: string, options: { readonly acceptCodeChange: boolean }): Promise<FollowedRun>;
  /** Asks; the answer does not wait for the end. */
  stop(run: string, reason: string): Promise<InboxAnswer>;
  /** Tells the run something that it waits for, or will wait for; the answer does not wait for what follows. */
  signal(run: string, request: SignalRequest): Promise<InboxAnswer>;
  /** The id of the run that is meant: by its id, by the beginning of it, or by `latest`. Throws `unknown_run`. */
  findRun(name: string): Promise<string>;
  listRuns(query: RunListQuery): Promise<RunPage>;
  /** Those of the runs that have not ended although nothing works on them any more: they wait for `skein resume`. */
  findInterrupted(runs: readonly Pick<RunResource, "id" | "endedAt">[]): Promise<ReadonlySet<string>>;
  /** Without `items`, maps are told of as a whole only. */
  describe(run: string, options: { readonly items: boolean }): Promise<RunDetail>;
  /** Epoch milliseconds; undefined of a run that goes on. */
  endedAt(run: string): Promise<number | undefined>;
  /** The first `limit` step runs that failed, items of maps included. */
  listFailures(run: string, limit: number): Promise<readonly StepRunResource[]>;
  readLogs(run: string, query: LogQuery): Promise<LogPage>;
  readonly logs: {
    /** Milliseconds after which a line that was logged can be read at the latest. */
    readonly lateMs: number;
    /** Milliseconds until the next look, after one that took so many. */
    readonly pauseMs: (costMs: number) => number;
  };
  listVersions(name: string): Promise<readonly VersionResource[]>;
  close(): Promise<void>;
}

/** What a run was told is in its inbox. */
export interface InboxAnswer {
  readonly run: RunResource;
  /** Something works on the run, and will see it. */
  readonly isHeard: boolean;
}

/** A run that a command stays with to its end. */
export interface FollowedRun {
  readonly id: string;
  readonly pipeline: string;
  /** Resolves when the run has ended; `view` shows how far it is. */
  follow(view: ProgressView | undefined): Promise<void>;
  stop(reason: string): Promise<void>;
  /** How it ended and what it gave. */
  report(): Promise<RunReport>;
  /** How whoever leaves it, or loses sight of it, gets back to it. */
  readonly wayBack: {
    /** Left while it was stopping. */
    readonly left: string;
    /** Something failed while it was watched. */
    readonly lost: string;
  };
}
