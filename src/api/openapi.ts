import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import * as z from "zod";
import { bodies, idempotencyKey, queries } from "./request-schemas.ts";
import * as resources from "./resource-schemas.ts";
import { idempotencyHeader, keyedBodies, routes, type Operation } from "./routes.ts";

/** What an operation does, and what it answers when nothing is wrong. */
interface Description {
  readonly summary: string;
  readonly tag: "pipelines" | "runs" | "artifacts" | "api";
  readonly answers: Readonly<Record<number, z.ZodType>>;
  /** Statuses of problems beside those that any operation may have. */
  readonly problems: readonly number[];
}

const control = { tag: "runs", answers: { 202: resources.runReport }, problems: [404, 409, 413, 415] } as const;

/** What every operation answers when it goes well, by status. */
export const descriptions: { readonly [O in Operation]: Description } = {
  startRun: {
    summary: "Starts a run; with an Idempotency-Key that was used before, answers that run",
    tag: "pipelines",
    answers: { 202: resources.runReport, 200: resources.runReport },
    problems: [404, 409, 413, 415, 422],
  },
  listPipelines: { summary: "The pipelines of this deployment", tag: "pipelines", answers: { 200: resources.pipelineList }, problems: [] },
  showPipeline: {
    summary: "A pipeline, with the JSON Schema of its parameters",
    tag: "pipelines",
    answers: { 200: resources.pipeline },
    problems: [404],
  },
  planRun: {
    summary: "What a run would do: checks everything that a start checks, and starts nothing",
    tag: "pipelines",
    answers: { 200: resources.plan },
    problems: [404, 413, 415, 422],
  },
  listRuns: { summary: "Runs, newest first", tag: "runs", answers: { 200: resources.runPage }, problems: [] },
  showRun: { summary: "A run", tag: "runs", answers: { 200: resources.runReport }, problems: [404, 410] },
  listSteps: {
    summary: "Step runs and maps, in the order of their calls",
    tag: "runs",
    answers: { 200: resources.stepPage },
    problems: [404],
  },
  showGraph: { summary: "Step runs and maps as a graph", tag: "runs", answers: { 200: resources.graph }, problems: [404] },
  readRunLogs: { summary: "What the run's function and steps logged", tag: "runs", answers: { 200: resources.logPage }, problems: [404] },
  readStepLogs: { summary: "What a step run logged", tag: "runs", answers: { 200: resources.logPage }, problems: [404] },
  listVersions: {
    summary: "The versions of a named artifact, newest first",
    tag: "artifacts",
    answers: { 200: resources.versionPage },
    problems: [],
  },
  showArtifact: {
    summary: "An artifact: where it came from, what it is, and a link to its bytes",
    tag: "artifacts",
    answers: { 200: resources.artifactDetail },
    problems: [404],
  },
  stopRun: {
    summary: "Asks a run to stop; the answer does not wait for its end",
    ...control,
  },
  resumeRun: {
    summary: "Wakes a run that stands still, on the code that it was started with",
    ...control,
  },
  sendSignal: {
    summary: "Tells a run something that it waits for, or will wait for: the first wait for that name takes it",
    ...control,
  },
  showOpenApi: {
    summary: "This document",
    tag: "api",
    answers: { 200: z.looseObject({ openapi: z.string() }).meta({ id: "OpenApi" }) },
    problems: [],
  },
};

/** The API as an OpenAPI 3.1 document, made of the schemas that requests are checked by. */
export function openApiDocument(): ReturnType<typeof createDocument> {
  return createDocument(
    {
      openapi: "3.1.0",
      info: { title: "Skein", version: "1", description: "Starts pipelines, shows what became of their runs, signals and stops them." },
      // Relative to the address of this document, which has the stage in it.
      servers: [{ url: "." }],
      paths: paths(),
      components: {
        securitySchemes: {
          sigv4: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "AWS Signature Version 4, of the service execute-api",
            "x-amazon-apigateway-authtype": "awsSigv4",
          },
          apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
      security: [{ sigv4: [] }, { apiKey: [] }],
    },
    {
      // Fields may be added to what is answered: clients ignore those that they do not know.
      override: ({ jsonSchema, io }) => {
        if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      },
    },
  );
}

function paths(): ZodOpenApiPathsObject {
  const made: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [name, { path, method }] of Object.entries(routes))
    if (isOperation(name)) (made[path] ??= {})[method.toLowerCase()] = operationObject(name);
  return made;
}

function isOperation(name: string): name is Operation {
  return name in routes;
}

function operationObject(operation: Operation): ZodOpenApiOperationObject {
  const { summary, tag, answers, problems } = descriptions[operation];
  const { path, body } = routes[operation];
  return {
    operationId: operation,
    summary,
    tags: [tag],
    requestParams: {
      path: z.object(Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, z.string()]))),
      query: queries[operation],
      ...(keyedBodies.has(body) ? { header: z.object({ [idempotencyHeader]: idempotencyKey.optional() }) } : {}),
    },
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: bodies[body] } } } }),
    responses: responses(operation, answers, [400, ...problems, 500, 503]),
  };
}

function responses(operation: Operation, answers: Description["answers"], problems: readonly number[]): ZodOpenApiResponsesObject {
  const good = Object.entries(answers).map(([status, schema]): [string, ZodOpenApiResponseObject] => [
    status,
    {
      description: status === "202" ? "Accepted" : "OK",
      ...(operation === "startRun" ? { headers: startHeaders } : {}),
      content: { "application/json": { schema } },
    },
  ]);
  const bad = problems.map((status): [string, ZodOpenApiResponseObject] => [String(status), aProblem]);
  return Object.fromEntries([...good, ...bad]);
}

const aProblem = {
  id: "Problem",
  description: "What is wrong with the request, or went wrong here (5xx); after a 4xx nothing was created or changed",
  content: { "application/problem+json": { schema: resources.problem } },
};

const startHeaders = z.object({
  Location: z.string().meta({ description: "Where the run is, relative to the request's address" }),
  "Idempotency-Replayed": z.enum(["true"]).optional().meta({ description: "The key had started the run before" }),
});
