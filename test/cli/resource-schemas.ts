import { z } from "zod";

// The resources of src/observe/resources.ts, strictly: what the command line prints is exactly these.
const time = z.iso.datetime();
const stepRunStatus = z.enum(["pending", "running", "completed", "cached", "failed", "skipped", "cancelled", "stopped"]);
const counts = z.partialRecord(stepRunStatus, z.int().positive());
const metadata = z.record(z.string(), z.unknown());
const runtime = z.enum(["inline", "isolated"]);

const errorResource = z.strictObject({
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  step: z.string().optional(),
  stack: z.string().optional(),
  get cause() {
    return errorResource.optional();
  },
  get errors() {
    return z.array(errorResource).optional();
  },
});

const artifact = z.strictObject({
  id: z.string(),
  output: z.string(),
  mediaType: z.string(),
  bytes: z.int(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  itemCount: z.int().optional(),
  uri: z.string(),
  producedBy: z.strictObject({ run: z.string(), step: z.string(), attempt: z.int().positive() }),
  metadata,
});
const outputs = z.record(z.string(), artifact);

const run = z.strictObject({
  id: z.string().regex(/^run_[0-9a-z]+$/),
  pipeline: z.string(),
  mode: z.enum(["dynamic", "static"]),
  status: z.enum(["pending", "running", "stopping", "completed", "failed", "stopped"]),
  params: z.unknown(),
  codeVersion: z.string(),
  createdAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  error: errorResource.optional(),
  outputs: z.record(z.string(), z.union([artifact, z.array(artifact)])),
  steps: counts,
  turns: z.int(),
  journalEntries: z.int(),
  tags: z.array(z.string()),
});

const input = z.union([
  z.strictObject({ path: z.string(), artifact: z.string(), item: z.int().optional() }),
  z.strictObject({ path: z.string(), value: z.unknown(), omitted: z.strictObject({ characters: z.int() }).optional() }),
]);

const attempt = z.strictObject({
  attempt: z.int().positive(),
  status: z.enum(["running", "completed", "failed", "stopped", "cancelled"]),
  startedAt: time.optional(),
  endedAt: time.optional(),
  ranIn: z.strictObject({
    kind: z.enum(["orchestrator", "thread", "process", "function"]),
    pid: z.int().optional(),
    threadId: z.int().optional(),
    functionName: z.string().optional(),
    requestId: z.string().optional(),
  }),
  error: errorResource.optional(),
});

const stepRun = z.strictObject({
  id: z.string(),
  order: z.int(),
  step: z.string(),
  status: stepRunStatus,
  reason: z.string().optional(),
  runtime,
  call: z.enum(["sync", "submit", "map_item", "static"]),
  map: z.strictObject({ id: z.string(), index: z.int() }).optional(),
  inputs: z.array(input),
  outputs,
  upstream: z.array(z.string()),
  attempts: z.array(attempt),
  cachedFrom: z.strictObject({ run: z.string(), step: z.string() }).optional(),
  metadata,
});

const map = z.strictObject({
  id: z.string(),
  order: z.int(),
  step: z.string(),
  status: stepRunStatus,
  reason: z.string().optional(),
  runtime,
  items: z.int().optional(),
  steps: counts,
  outputs,
  upstream: z.array(z.string()),
  startedAt: time.optional(),
  endedAt: time.optional(),
  error: errorResource.optional(),
});

export const runReport = z.strictObject({ run, values: z.unknown().optional() });
export const runDetail = z.strictObject({ run, steps: z.array(stepRun), maps: z.array(map) });
export const runPage = z.strictObject({ runs: z.array(run), cursor: z.string().optional() });
export const artifactList = z.strictObject({ artifacts: z.array(artifact) });
export const logLine = z.strictObject({
  at: time,
  level: z.enum(["debug", "info", "warn", "error"]),
  step: z.string().optional(),
  attempt: z.int().optional(),
  message: z.string(),
  fields: metadata.optional(),
});
export const problem = z.strictObject({ error: errorResource });

export const pipelineList = z.strictObject({
  pipelines: z.array(
    z.strictObject({
      name: z.string(),
      mode: z.enum(["dynamic", "static"]),
      onFailure: z.string(),
      params: metadata.nullable().optional(),
      definedAt: z.string(),
    }),
  ),
});
export const plan = z.strictObject({
  pipeline: z.string(),
  mode: z.enum(["dynamic", "static"]),
  onFailure: z.string(),
  params: z.unknown(),
  nodes: z.array(z.strictObject({ id: z.string(), step: z.string(), kind: z.enum(["step", "map"]), runtime, level: z.int() })).optional(),
  edges: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        kind: z.enum(["data", "order"]),
        output: z.string().optional(),
        path: z.string().optional(),
      }),
    )
    .optional(),
  steps: z.array(z.strictObject({ name: z.string(), runtime, definedAt: z.string() })).optional(),
});
