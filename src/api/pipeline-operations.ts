import { findPipeline, pipelines, steps } from "../define/catalogue.ts";
import { planRun as plan } from "../engine/plan-run.ts";
import { pipelineResource } from "../observe/pipeline-resource.ts";
import { planResource } from "../observe/plan-resource.ts";
import { jsonResponse } from "./api-response.ts";
import type { Operate } from "./call.ts";
import { readBody, readPath } from "./read-request.ts";
import { bodies, type queries } from "./request-schemas.ts";

export const listPipelines: Operate<typeof queries.listPipelines> = async () =>
  jsonResponse(200, { pipelines: pipelines().map(pipelineResource) });

export const showPipeline: Operate<typeof queries.showPipeline> = async ({ request }) =>
  jsonResponse(200, pipelineResource(findPipeline(readPath(request, "name"))));

export const planRun: Operate<typeof queries.planRun> = async ({ request }, { operator }) => {
  const { params } = readBody(bodies.plan, request);
  return jsonResponse(200, planResource(await plan(readPath(request, "name"), params, operator), steps()));
};
