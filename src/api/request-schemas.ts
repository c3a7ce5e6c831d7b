// As a namespace: of `{ z }` bundles keep the messages of all languages.
import * as z from "zod";
import { signalIdPattern } from "../engine/send-signal.ts";
import { maxKeyLength, maxTagLength, maxTags } from "../engine/start-run.ts";
import type { Operation } from "./routes.ts";

// What operations take: requests are checked by these, and the OpenAPI document is made of them.

/** Checked by the schema of the pipeline itself. */
export const params = z
  .unknown()
  .refine((value) => value === undefined || isObject(value), "expected object")
  .optional()
  .meta({ description: "The pipeline's parameters, which its own schema checks", override: { type: "object" } });

const start = z
  .strictObject({
    params,
    tags: z.array(z.string().min(1).max(maxTagLength)).max(maxTags).optional().meta({ description: "To find the run by" }),
  })
  .meta({ id: "StartRequest" });
const plan = z.strictObject({ params }).meta({ id: "PlanRequest" });
const stop = z.strictObject({ reason: z.string().min(1).max(1_000).optional() }).meta({ id: "StopRequest" });
const resume = z.strictObject({}).meta({ id: "ResumeRequest" });
const signal = z
  .strictObject({
    value: z.unknown().optional().meta({ description: "What it carries: any JSON, which the wait's own schema checks" }),
    id: z
      .string()
      .regex(signalIdPattern)
      .optional()
      .meta({ description: "A second signal of this name and id does nothing; default: the Idempotency-Key, else one of its own" }),
  })
  .meta({ id: "SignalRequest" });

/** By the names in `routes`. */
export const bodies = { start, plan, stop, resume, signal };

export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, "expected printable ASCII characters")
  .max(maxKeyLength)
  .meta({ description: "The same key with the same body is the same run, or signal, whenever it is sent again" });

const limit = z.coerce.number().int().min(1).max(1_000).optional().meta({ description: "At most so many on a page" });
const cursor = z.string().min(1).max(10_000).optional().meta({ description: "The one that the last page gave" });
const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .optional();
const runStatus = z.enum(["pending", "running", "stopping", "completed", "failed", "stopped", "live"]);
const stepStatus = z.enum(["pending", "running", "completed", "cached", "failed", "skipped", "cancelled", "stopped"]);
const nothing = z.strictObject({});

/** The query parameters of every operation. */
export const queries = {
  startRun: nothing,
  listPipelines: nothing,
  showPipeline: nothing,
  planRun: nothing,
  listRuns: z.strictObject({
    pipeline: z.string().optional().meta({ description: "Only runs of this pipeline" }),
    status: runStatus.optional().meta({ description: "Only runs of this status; `live`: everything that has not ended" }),
    limit,
    cursor,
  }),
  showRun: z.strictObject({ values: flag.meta({ description: "Load the outputs that are JSON, where they are below 1 MB together" }) }),
  listSteps: z.strictObject({
    items: flag.meta({ description: "Whether to list the items of maps too; default true" }),
    status: stepStatus.optional().meta({ description: "Only step runs and maps of this status" }),
    limit,
    cursor,
  }),
  showGraph: nothing,
  readRunLogs: z.strictObject({ cursor }),
  readStepLogs: z.strictObject({ attempt: z.coerce.number().int().min(1).optional(), cursor }),
  listVersions: z.strictObject({ name: z.string().min(1).meta({ description: "Name of the artifact, in all runs" }), limit, cursor }),
  showArtifact: nothing,
  stopRun: nothing,
  resumeRun: nothing,
  sendSignal: nothing,
  showOpenApi: nothing,
} as const satisfies Readonly<Record<Operation, z.ZodObject>>;

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
