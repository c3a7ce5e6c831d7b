import { loadValues } from "../engine/load-values.ts";
import { signalRun } from "../engine/send-signal.ts";
import { startRun as start } from "../engine/start-run.ts";
import { SkeinError } from "../model/error.ts";
import type { RunArtifacts, RunRecord } from "../model/run.ts";
import { jsonView } from "../observe/json-view.ts";
import type { RunReport } from "../observe/resources.ts";
import { describeRecord, describeRun } from "../observe/run.ts";
import { listRuns as list } from "../observe/run-list.ts";
import { readRecord, readView } from "../observe/run-view.ts";
import { requestStop } from "../record/run.ts";
import type { ApiPorts } from "./api-ports.ts";
import type { ApiRequest } from "./api-request.ts";
import { jsonResponse, type ApiResponse } from "./api-response.ts";
import type { Operate } from "./call.ts";
import { fittingPage } from "./fitting-page.ts";
import { readBody, readIdempotencyKey, readPath } from "./read-request.ts";
import { bodies, type queries } from "./request-schemas.ts";
import { sweptTurns } from "./swept-turns.ts";

const defaultLimit = 50;

export const startRun: Operate<typeof queries.startRun> = async ({ request, now }, ports) => {
  const idempotencyKey = readIdempotencyKey(request);
  const { params, tags } = readBody(bodies.start, request);
  const turns = sweptTurns(ports);
  const { run, created } = await start(readPath(request, "name"), params, { idempotencyKey, tags }, { ...ports, turns });
  const resource = await describeRecord(ports, run, now);
  // Whoever created it may have died before the wake.
  if (!created && resource.status === "pending") await turns.wake({ v: 1, run: run.id, reason: "start" });
  const report: RunReport = { run: resource };
  // Relative to the request's path, which has the stage in it.
  const headers = { Location: `../../runs/${run.id}` };
  return created ? jsonResponse(202, report, headers) : jsonResponse(200, report, { ...headers, "Idempotency-Replayed": "true" });
};

export const listRuns: Operate<typeof queries.listRuns> = async ({ query, now }, ports) => {
  const { pipeline, status, limit = defaultLimit, cursor } = query;
  const filter = {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(status === undefined ? {} : { status }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  return jsonResponse(200, await fittingPage(limit, (size) => list(ports, { ...filter, limit: size }, now)));
};

export const showRun: Operate<typeof queries.showRun> = async ({ request, query, now }, ports) => {
  const record = await readRecord(ports, readPath(request, "id"));
  const run = await describeRecord(ports, record, now);
  const values =
    query.values === true && run.endedAt !== undefined
      ? await loadValues(await endOutputs(record, ports, now), ports.artifacts)
      : undefined;
  return jsonResponse(200, { run, ...(values === undefined ? {} : { values: jsonView(values) }) } satisfies RunReport);
};

/** The journal's word, where it has not been copied to the record yet: the run is told to have ended by it, too. */
async function endOutputs(record: RunRecord, ports: ApiPorts, now: number): Promise<RunArtifacts> {
  const end = record.ended ?? (await readView(ports, record.id, now)).end;
  return end?.outputs ?? {};
}

/** Writes the request, which lasts; the wake only makes it heard sooner. */
export const stopRun: Operate<typeof queries.stopRun> = async ({ request, now }, ports) => {
  const { reason } = readBody(bodies.stop, request);
  const record = await readOpen(request, ports, "stopped");
  await requestStop(ports.state, record, reason ?? "stopped by request", now);
  await sweptTurns(ports).wake({ v: 1, run: record.id, reason: "stop" });
  return accepted(ports, record, now);
};

/** A run that another turn works on is left to it: without a word of who is dead, the lease counts. */
export const resumeRun: Operate<typeof queries.resumeRun> = async ({ request, now }, ports) => {
  readBody(bodies.resume, request);
  const record = await readOpen(request, ports, "resumed");
  await ports.turns.wake({ v: 1, run: record.id, reason: "resume" });
  return accepted(ports, record, now);
};

/** Written first, like a stop: the first wait for that name takes it, now or later. */
export const sendSignal: Operate<typeof queries.sendSignal> = async ({ request, now }, ports) => {
  const key = readIdempotencyKey(request);
  const { value, id = key } = readBody(bodies.signal, request);
  const record = await readRecord(ports, readPath(request, "id"));
  await signalRun(record, { name: readPath(request, "name"), value, id }, { ...ports, turns: sweptTurns(ports) });
  return accepted(ports, record, now);
};

async function accepted(ports: ApiPorts, record: RunRecord, now: number): Promise<ApiResponse> {
  return jsonResponse(202, { run: await describeRun(ports, record.id, now) } satisfies RunReport);
}

async function readOpen(request: ApiRequest, ports: ApiPorts, what: string): Promise<RunRecord> {
  const record = await readRecord(ports, readPath(request, "id"));
  if (record.ended === undefined) return record;
  throw new SkeinError("run_has_ended", `Run ${record.id} cannot be ${what}: it has ended (${record.ended.status}).`);
}
