/**
 * The routes of the HTTP API. API Gateway is built from this table, the handler finds the operation by `method` and `path`, the
 * OpenAPI document and the remote client are made from it: one list, so that none of them can differ.
 */
export const routes = {
  startRun: { method: "POST", path: "/pipelines/{name}/runs", query: [], body: "start" },
  listPipelines: { method: "GET", path: "/pipelines", query: [], body: undefined },
  showPipeline: { method: "GET", path: "/pipelines/{name}", query: [], body: undefined },
  planRun: { method: "POST", path: "/pipelines/{name}/plan", query: [], body: "plan" },
  listRuns: { method: "GET", path: "/runs", query: ["pipeline", "status", "limit", "cursor"], body: undefined },
  showRun: { method: "GET", path: "/runs/{id}", query: ["values"], body: undefined },
  listSteps: { method: "GET", path: "/runs/{id}/steps", query: ["items", "status", "limit", "cursor"], body: undefined },
  showGraph: { method: "GET", path: "/runs/{id}/graph", query: [], body: undefined },
  readRunLogs: { method: "GET", path: "/runs/{id}/logs", query: ["cursor"], body: undefined },
  readStepLogs: { method: "GET", path: "/runs/{id}/steps/{stepId}/logs", query: ["attempt", "cursor"], body: undefined },
  listVersions: { method: "GET", path: "/artifacts", query: ["name", "limit", "cursor"], body: undefined },
  showArtifact: { method: "GET", path: "/artifacts/{id}", query: [], body: undefined },
  stopRun: { method: "POST", path: "/runs/{id}/stop", query: [], body: "stop" },
  resumeRun: { method: "POST", path: "/runs/{id}/resume", query: [], body: "resume" },
  sendSignal: { method: "POST", path: "/runs/{id}/signals/{name}", query: [], body: "signal" },
  showOpenApi: { method: "GET", path: "/openapi.json", query: [], body: undefined },
} as const satisfies Readonly<Record<string, Route>>;

interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query: readonly string[];
  /** The name of its body's schema. */
  readonly body: string | undefined;
}

export type Operation = keyof typeof routes;

/** API Gateway takes more; nothing that Skein takes needs it. */
export const maxBodyBytes = 1_000_000;
/** Header of operations that, sent twice, would be done twice: with the same key they are done once. */
export const idempotencyHeader = "Idempotency-Key";
/** The bodies of those operations. */
export const keyedBodies: ReadonlySet<string | undefined> = new Set(["start", "signal"]);
