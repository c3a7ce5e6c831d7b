// What the command line prints with --json and what the HTTP API answers: the same resources in both. Times are ISO 8601 in
// UTC, durations milliseconds, ids stable. Fields may be added; none of these may change its meaning.

export type RunStatus = "pending" | "running" | "stopping" | "completed" | "failed" | "stopped";
export type StepRunStatus = "pending" | "running" | "completed" | "cached" | "failed" | "skipped" | "cancelled" | "stopped";

/** How many step runs have each status. */
export type StatusCounts = Readonly<Partial<Record<StepRunStatus, number>>>;

export interface RunResource {
  readonly id: string;
  readonly pipeline: string;
  readonly mode: "dynamic" | "static";
  readonly status: RunStatus;
  readonly params: unknown;
  readonly codeVersion: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: ErrorResource;
  /** What the pipeline function returned: one artifact is `{ output: … }`, a record keeps its names, a list its order. */
  readonly outputs: Readonly<Record<string, ArtifactResource | readonly ArtifactResource[]>>;
  /** How many step runs have each status; a map counts its items. */
  readonly steps: StatusCounts;
  /** Invocations that advanced the run, and entries in its journal. */
  readonly turns: number;
  readonly journalEntries: number;
  readonly tags: readonly string[];
  /** What its function waits for, in the order in which it began to; absent: nothing, or steps only. */
  readonly waits?: readonly WaitResource[];
}

/** `run.waitFor` or `run.sleep` of the pipeline function. */
export interface WaitResource {
  /** `sleep`, or the name of the signal, numbered where there are several. */
  readonly id: string;
  /** Of the signal that it waits for; absent: for a time only. */
  readonly name?: string;
  /** For whoever may answer. */
  readonly question?: string;
  readonly since: string;
  readonly until?: string;
}

export interface StepRunResource {
  readonly id: string;
  /** Place among the run's calls, from 0; the items of a map share that of their map. */
  readonly order: number;
  readonly step: string;
  readonly status: StepRunStatus;
  /** Why it was cancelled, skipped or stopped. */
  readonly reason?: string;
  readonly runtime: "inline" | "isolated";
  readonly call: "sync" | "submit" | "map_item" | "static";
  readonly map?: { readonly id: string; readonly index: number };
  readonly inputs: readonly InputResource[];
  readonly outputs: Readonly<Record<string, ArtifactResource>>;
  /** Ids of the step runs (or of the whole map) whose outputs it used or that it was told to come after. */
  readonly upstream: readonly string[];
  readonly attempts: readonly AttemptResource[];
  readonly cachedFrom?: { readonly run: string; readonly step: string };
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * `path` says where in the input object, in the manner of `config.layers[0]`. An artifact that does not exist yet is not
 * listed: `upstream` says what it waits for. A long value is left out (`value: null`), and `omitted` says how long it is.
 */
export type InputResource =
  | { readonly path: string; readonly value: unknown; readonly omitted?: { readonly characters: number } }
  | { readonly path: string; readonly artifact: string; readonly item?: number };

export interface AttemptResource {
  readonly attempt: number;
  readonly status: "running" | "completed" | "failed" | "stopped" | "cancelled";
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** Where it ran: the orchestrator's own thread, a worker thread of it, a child process, a step-operator function. */
  readonly ranIn: PlaceResource;
  readonly error?: ErrorResource;
}

export interface PlaceResource {
  readonly kind: "orchestrator" | "thread" | "process" | "function";
  readonly pid?: number;
  readonly threadId?: number;
  readonly functionName?: string;
  readonly requestId?: string;
}

/** A step that was mapped over lists: its items are step runs, and `outputs` holds the lists that they make together. */
export interface MapResource {
  readonly id: string;
  readonly order: number;
  readonly step: string;
  readonly status: StepRunStatus;
  readonly reason?: string;
  readonly runtime: "inline" | "isolated";
  /** Absent until the map has started. */
  readonly items?: number;
  readonly steps: StatusCounts;
  readonly outputs: Readonly<Record<string, ArtifactResource>>;
  readonly upstream: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly error?: ErrorResource;
}

export interface ArtifactResource {
  readonly id: string;
  /** Name of the output within its step run; `output` where the step has only one. */
  readonly output: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly digest: string;
  readonly itemCount?: number;
  readonly uri: string;
  readonly producedBy: { readonly run: string; readonly step: string; readonly attempt: number };
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Of a named artifact: its name in all runs. */
  readonly name?: string;
  readonly tags?: readonly string[];
}

/** A version of a named artifact (`skein artifacts --name model`), newest first. */
export interface VersionResource {
  readonly name: string;
  /** From 1. */
  readonly version: number;
  readonly createdAt: string;
  readonly artifact: ArtifactResource;
}

export interface ErrorResource {
  readonly name: string;
  readonly message: string;
  /** Of Skein's own errors: a code that the docs list. */
  readonly code?: string;
  readonly step?: string;
  readonly stack?: string;
  readonly cause?: ErrorResource;
  /** Of an error that stands for several, such as a map's: the first of them. */
  readonly errors?: readonly ErrorResource[];
}

/**
 * `skein run … --json`, at the end: `values` holds the loaded outputs where they are data and together below 1 MB; what JSON has no
 * word for (Dates, BigInts) is text.
 */
export interface RunReport {
  readonly run: RunResource;
  readonly values?: unknown;
}

/** `skein show <run> --json` and, in parts, `GET /runs/{id}` and `GET /runs/{id}/steps`. */
export interface RunDetail {
  readonly run: RunResource;
  /** In the order of their calls; the items of a map stand where it was called. */
  readonly steps: readonly StepRunResource[];
  readonly maps: readonly MapResource[];
}

/** `GET /runs/{id}/steps`, in the order of the calls; `cursor` asks for the next page and is absent on the last. */
export interface StepPage {
  readonly steps: readonly StepRunResource[];
  readonly maps: readonly MapResource[];
  readonly cursor?: string;
}

/** `skein runs --json` and `GET /runs`: newest first; `cursor` asks for the next page and is absent on the last. */
export interface RunPage {
  readonly runs: readonly RunResource[];
  readonly cursor?: string;
}

/** A line of `skein logs <run> --json` (one JSON object a line). */
export interface LogLine {
  readonly at: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly step?: string;
  readonly attempt?: number;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What happened as a graph: a map is one node, however many items it has. */
export interface GraphResource {
  readonly run: string;
  readonly nodes: readonly {
    readonly id: string;
    readonly step: string;
    readonly kind: "step" | "map";
    readonly runtime: "inline" | "isolated";
    readonly status: StepRunStatus;
    readonly items?: number;
  }[];
  /** `data`: an output was used, at `path` of the input; `order`: `after` was said. */
  readonly edges: readonly {
    readonly from: string;
    readonly to: string;
    readonly kind: "data" | "order";
    readonly output?: string;
    readonly item?: number;
    readonly path?: string;
  }[];
}

/** Where an artifact came from and where its run used it. */
export interface LineageResource {
  readonly artifact: ArtifactResource;
  /** What the step run that produced it was given. */
  readonly inputs: readonly InputResource[];
  /** Ids of the step runs and maps of the same run that used it. */
  readonly usedBy: readonly string[];
}
