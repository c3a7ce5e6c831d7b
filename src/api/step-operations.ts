import { describeGraph } from "../observe/graph.ts";
import { readLogs } from "../observe/logs.ts";
import { pageSteps } from "../observe/step-page.ts";
import { jsonResponse } from "./api-response.ts";
import type { Operate } from "./call.ts";
import { fittingPage } from "./fitting-page.ts";
import { readPath } from "./read-request.ts";
import type { queries } from "./request-schemas.ts";

/** Lines in one answer, about: of the pipeline function and of steps as many. */
const maxLines = 1_000;

export const listSteps: Operate<typeof queries.listSteps> = async ({ request, query, now }, ports) => {
  const { items, status, limit, cursor } = query;
  const page = await pageSteps(
    ports,
    readPath(request, "id"),
    {
      ...(items === undefined ? {} : { items }),
      ...(status === undefined ? {} : { status }),
      ...(limit === undefined ? {} : { limit }),
      ...(cursor === undefined ? {} : { cursor }),
    },
    now,
  );
  return jsonResponse(200, page);
};

export const showGraph: Operate<typeof queries.showGraph> = async ({ request, now }, ports) =>
  jsonResponse(200, await describeGraph(ports, readPath(request, "id"), now));

export const readRunLogs: Operate<typeof queries.readRunLogs> = async ({ request, query: { cursor } }, ports) => {
  const query = cursor === undefined ? {} : { cursor };
  return jsonResponse(200, await fittingPage(maxLines, (limit) => readLogs(ports, readPath(request, "id"), { ...query, limit })));
};

export const readStepLogs: Operate<typeof queries.readStepLogs> = async ({ request, query: { attempt, cursor } }, ports) => {
  const query = {
    step: readPath(request, "stepId"),
    ...(attempt === undefined ? {} : { attempt }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return jsonResponse(200, await fittingPage(maxLines, (limit) => readLogs(ports, readPath(request, "id"), { ...query, limit })));
};
