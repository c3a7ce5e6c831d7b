import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { CloudWatchLogReader } from "../src/adapters/aws/cloudwatch-log-reader.ts";
import { answer } from "../src/api/api.ts";
import type { ApiPorts } from "../src/api/api-ports.ts";
import { startScheduled, type ScheduledStart } from "../src/api/scheduled-start.ts";
import type { RunId } from "../src/model/id.ts";
import type { RunReport } from "../src/observe/resources.ts";
import { Cloud } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { requestOf, resultOf } from "./gateway-event.ts";
import { currentVersion, turnsOfAnyRun } from "./pinned.ts";

const cloud = await Cloud.open(readEnvironment());
const ports = apiPorts();

/** Answers the requests that API Gateway passes on, and starts what a schedule asks for. */
export async function handler(event: APIGatewayProxyEvent | ScheduledStart): Promise<APIGatewayProxyResult | RunReport> {
  return cloud.restAfter(async () =>
    "httpMethod" in event ? resultOf(await answer(requestOf(event), ports)) : startScheduled(event, ports),
  );
}

function apiPorts(): ApiPorts {
  const { environment, state, artifacts, clock, entropy } = cloud;
  const { arn, version } = currentVersion(cloud);
  return {
    state,
    artifacts,
    logs: new CloudWatchLogReader({ functions: environment.loggers, windowOf }),
    turns: turnsOfAnyRun(cloud),
    clock,
    entropy,
    operator: cloud.ports({ orchestrator: arn, operators: environment.operators }).operator,
    codeVersion: version,
    sweepMs: environment.sweepMs,
    report: (error, id) => cloud.complain(`error ${id}`, error),
  };
}

/** What a killed attempt still wrote comes after the run's end. */
const lateMs = 15 * 60_000;

async function windowOf(run: RunId): ReturnType<ConstructorParameters<typeof CloudWatchLogReader>[0]["windowOf"]> {
  const record = await cloud.state.readRun(run);
  const from = record?.createdAt ?? 0;
  return record?.ended === undefined ? { from } : { from, to: record.ended.at + lateMs };
}
