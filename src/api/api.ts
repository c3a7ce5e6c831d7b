import type { z } from "zod";
import { SkeinError } from "../model/error.ts";
import type { ApiPorts } from "./api-ports.ts";
import type { ApiRequest } from "./api-request.ts";
import { jsonResponse, type ApiResponse } from "./api-response.ts";
import { listVersions, showArtifact } from "./artifact-operations.ts";
import type { Operate } from "./call.ts";
import { listPipelines, planRun, showPipeline } from "./pipeline-operations.ts";
import { problemResponse } from "./problem.ts";
import { readQuery } from "./read-request.ts";
import { queries } from "./request-schemas.ts";
import { routes, type Operation } from "./routes.ts";
import { listRuns, resumeRun, sendSignal, showRun, startRun, stopRun } from "./run-operations.ts";
import { listSteps, readRunLogs, readStepLogs, showGraph } from "./step-operations.ts";

const showOpenApi: Operate<typeof queries.showOpenApi> = async () => {
  const { openApiDocument } = await import("./openapi.ts");
  return jsonResponse(200, openApiDocument());
};

type Answer = (request: ApiRequest, ports: ApiPorts) => Promise<ApiResponse>;

function checked<S extends z.ZodType>(schema: S, operate: Operate<S>): Answer {
  return async (request, ports) => operate({ request, query: readQuery(schema, request), now: ports.clock.now() }, ports);
}

const answers: Readonly<Record<Operation, Answer>> = {
  startRun: checked(queries.startRun, startRun),
  listPipelines: checked(queries.listPipelines, listPipelines),
  showPipeline: checked(queries.showPipeline, showPipeline),
  planRun: checked(queries.planRun, planRun),
  listRuns: checked(queries.listRuns, listRuns),
  showRun: checked(queries.showRun, showRun),
  listSteps: checked(queries.listSteps, listSteps),
  showGraph: checked(queries.showGraph, showGraph),
  readRunLogs: checked(queries.readRunLogs, readRunLogs),
  readStepLogs: checked(queries.readStepLogs, readStepLogs),
  listVersions: checked(queries.listVersions, listVersions),
  showArtifact: checked(queries.showArtifact, showArtifact),
  stopRun: checked(queries.stopRun, stopRun),
  resumeRun: checked(queries.resumeRun, resumeRun),
  sendSignal: checked(queries.sendSignal, sendSignal),
  showOpenApi: checked(queries.showOpenApi, showOpenApi),
};

/** Answers a request. Never throws: what is wrong is a problem; after one of the request (4xx) nothing was created or changed. */
export async function answer(request: ApiRequest, ports: ApiPorts): Promise<ApiResponse> {
  try {
    return await answers[findOperation(request)](request, ports);
  } catch (thrown) {
    return problemResponse(thrown, ports);
  }
}

function findOperation({ method, route, pathParams }: ApiRequest): Operation {
  const here = names.filter((name) => routes[name].path === route);
  const found = here.find((name) => routes[name].method === method);
  if (found !== undefined) return found;
  if (here.length === 0) {
    // What no route takes comes by API Gateway's catch-all, `/{proxy+}`.
    const path = route.replaceAll(/\{(\w+)\+?\}/g, (template, name: string) => pathParams[name] ?? template);
    throw new SkeinError("unknown_route", `There is nothing at ${path}: GET /openapi.json describes what there is.`);
  }
  const allow = here.map((name) => routes[name].method).join(", ");
  throw new SkeinError("method_not_allowed", `${method} is not possible at ${route}: it takes ${allow}.`, { data: { allow } });
}

const names = Object.keys(routes).filter((name) => isOperation(name));

function isOperation(name: string): name is Operation {
  return name in routes;
}
