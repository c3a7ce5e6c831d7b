import * as z from "zod";
import { errorCodes } from "../model/error-code.ts";

// The resources of src/observe/resources.ts as schemas, strictly: for the OpenAPI document, for clients and for tests. A type test
// holds the two together.

const time = z.iso.datetime();
const stepRunStatus = z
  .enum(["pending", "running", "completed", "cached", "failed", "skipped", "cancelled", "stopped"])
  .meta({ id: "StepRunStatus" });
const counts = z.partialRecord(stepRunStatus, z.int().positive());
const metadata = z.record(z.string(), z.unknown());
const mode = z.enum(["dynamic", "static"]);
const runtime = z.enum(["inline", "isolated"]);
const cursor = z.string().meta({ description: "Asks for the next page; absent on the last" });

export const error = z
  .strictObject({
    name: z.string(),
    message: z.string(),
    code: z.string().exactOptional().meta({ description: "Of Skein's own errors: one of docs/errors.md" }),
    step: z.string().exactOptional(),
    stack: z.string().exactOptional(),
    get cause() {
      return error.exactOptional();
    },
    get errors() {
      return z.array(error).exactOptional();
    },
  })
  .meta({ id: "Error" });

export const artifact = z
  .strictObject({
    id: z.string(),
    output: z.string(),
    mediaType: z.string(),
    bytes: z.int(),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    itemCount: z.int().exactOptional(),
    uri: z.string(),
    producedBy: z.strictObject({ run: z.string(), step: z.string(), attempt: z.int().positive() }),
    metadata,
    name: z.string().exactOptional(),
    tags: z.array(z.string()).exactOptional(),
  })
  .meta({ id: "Artifact" });
const outputs = z.record(z.string(), artifact);

const wait = z
  .strictObject({
    id: z.string(),
    name: z.string().exactOptional().meta({ description: "Of the signal that it waits for; absent: for a time only" }),
    question: z.string().exactOptional().meta({ description: "For whoever may answer" }),
    since: time,
    until: time.exactOptional(),
  })
  .meta({ id: "Wait" });

export const run = z
  .strictObject({
    id: z.string().regex(/^run_[0-9a-z]+$/),
    pipeline: z.string(),
    mode,
    status: z.enum(["pending", "running", "stopping", "completed", "failed", "stopped"]),
    params: z.unknown(),
    codeVersion: z.string(),
    createdAt: time,
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
    error: error.exactOptional(),
    outputs: z.record(z.string(), z.union([artifact, z.array(artifact)])),
    steps: counts,
    turns: z.int(),
    journalEntries: z.int(),
    tags: z.array(z.string()),
    waits: z.array(wait).exactOptional().meta({ description: "What its function waits for; absent: nothing, or steps only" }),
  })
  .meta({ id: "Run" });

const input = z
  .union([
    z.strictObject({ path: z.string(), artifact: z.string(), item: z.int().exactOptional() }),
    z.strictObject({ path: z.string(), value: z.unknown(), omitted: z.strictObject({ characters: z.int() }).exactOptional() }),
  ])
  .meta({ id: "Input" });

const attempt = z
  .strictObject({
    attempt: z.int().positive(),
    status: z.enum(["running", "completed", "failed", "stopped", "cancelled"]),
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
    ranIn: z.strictObject({
      kind: z.enum(["orchestrator", "thread", "process", "function"]),
      pid: z.int().exactOptional(),
      threadId: z.int().exactOptional(),
      functionName: z.string().exactOptional(),
      requestId: z.string().exactOptional(),
    }),
    error: error.exactOptional(),
  })
  .meta({ id: "Attempt" });

/** What a step run and a map have in common. */
const call = {
  id: z.string(),
  order: z.int(),
  step: z.string(),
  status: stepRunStatus,
  reason: z.string().exactOptional(),
  runtime,
};

export const stepRun = z
  .strictObject({
    ...call,
    call: z.enum(["sync", "submit", "map_item", "static"]),
    map: z.strictObject({ id: z.string(), index: z.int() }).exactOptional(),
    inputs: z.array(input),
    outputs,
    upstream: z.array(z.string()),
    attempts: z.array(attempt),
    cachedFrom: z.strictObject({ run: z.string(), step: z.string() }).exactOptional(),
    metadata,
  })
  .meta({ id: "StepRun" });

export const map = z
  .strictObject({
    ...call,
    items: z.int().exactOptional(),
    steps: counts,
    outputs,
    upstream: z.array(z.string()),
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
    error: error.exactOptional(),
  })
  .meta({ id: "Map" });

export const runReport = z
  .strictObject({
    run,
    values: z.unknown().optional().meta({ description: "The outputs that are JSON, by name, where they are below 1 MB together" }),
  })
  .meta({ id: "RunReport" });
export const runPage = z.strictObject({ runs: z.array(run), cursor: cursor.exactOptional() }).meta({ id: "RunPage" });
export const stepPage = z
  .strictObject({ steps: z.array(stepRun), maps: z.array(map), cursor: cursor.exactOptional() })
  .meta({ id: "StepPage" });
export const runDetail = z.strictObject({ run, steps: z.array(stepRun), maps: z.array(map) });

export const logLine = z
  .strictObject({
    at: time,
    level: z.enum(["debug", "info", "warn", "error"]),
    step: z.string().exactOptional(),
    attempt: z.int().exactOptional(),
    message: z.string(),
    fields: metadata.exactOptional(),
  })
  .meta({ id: "LogLine" });
export const logPage = z
  .strictObject({
    lines: z.array(logLine),
    cursor: z.string().meta({ description: "Goes on after these lines; a page without lines: there are no more so far" }),
  })
  .meta({ id: "LogPage" });

const edgeKind = z.enum(["data", "order"]);
const nodeKind = z.enum(["step", "map"]);
export const graph = z
  .strictObject({
    run: z.string(),
    nodes: z.array(
      z.strictObject({ id: z.string(), step: z.string(), kind: nodeKind, runtime, status: stepRunStatus, items: z.int().exactOptional() }),
    ),
    edges: z.array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        kind: edgeKind,
        output: z.string().exactOptional(),
        item: z.int().exactOptional(),
        path: z.string().exactOptional(),
      }),
    ),
  })
  .meta({ id: "Graph" });

export const version = z.strictObject({ name: z.string(), version: z.int().positive(), createdAt: time, artifact }).meta({ id: "Version" });
export const versionPage = z.strictObject({ versions: z.array(version), cursor: cursor.exactOptional() }).meta({ id: "VersionPage" });
export const artifactDetail = z
  .strictObject({
    artifact,
    inputs: z.array(input),
    usedBy: z.array(z.string()),
    preview: z
      .union([z.strictObject({ json: z.unknown() }), z.strictObject({ text: z.string() })])
      .exactOptional()
      .meta({ description: "The whole value, where it is short and JSON or text" }),
    link: z
      .strictObject({ url: z.string(), expiresAt: time })
      .exactOptional()
      .meta({ description: "Gives the bytes without credentials, where they are an object of their own" }),
  })
  .meta({ id: "ArtifactDetail" });

export const pipeline = z
  .strictObject({
    name: z.string(),
    mode,
    onFailure: z.string(),
    params: metadata
      .nullable()
      .exactOptional()
      .meta({ description: "JSON Schema of the parameters, where it is known; null: the pipeline takes none" }),
    definedAt: z.string(),
  })
  .meta({ id: "Pipeline" });
export const pipelineList = z.strictObject({ pipelines: z.array(pipeline) }).meta({ id: "PipelineList" });
export const plan = z
  .strictObject({
    pipeline: z.string(),
    mode,
    onFailure: z.string(),
    params: z.unknown(),
    nodes: z.array(z.strictObject({ id: z.string(), step: z.string(), kind: nodeKind, runtime, level: z.int() })).exactOptional(),
    edges: z
      .array(
        z.strictObject({
          from: z.string(),
          to: z.string(),
          kind: edgeKind,
          output: z.string().exactOptional(),
          path: z.string().exactOptional(),
        }),
      )
      .exactOptional(),
    steps: z.array(z.strictObject({ name: z.string(), runtime, definedAt: z.string() })).exactOptional(),
  })
  .meta({ id: "Plan" });

export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(errorCodes),
    issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).exactOptional(),
    id: z.string().exactOptional().meta({ description: "Under which the API's log tells more" }),
  })
  .meta({ id: "Problem" });
