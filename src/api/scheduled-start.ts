import * as z from "zod";
import { startRun } from "../engine/start-run.ts";
import { describeRecord } from "../observe/run.ts";
import type { RunReport } from "../observe/resources.ts";
import type { ApiPorts } from "./api-ports.ts";
import { parse } from "./read-request.ts";
import { params } from "./request-schemas.ts";
import { sweptTurns } from "./swept-turns.ts";

/** What a schedule's rule sends. */
export interface ScheduledStart {
  readonly schedule: string;
  /** When it was due: with the name of the schedule the run's idempotency key, so that an event which comes twice starts one run. */
  readonly time: string;
  readonly pipeline: string;
  readonly params?: unknown;
}

const scheduledStart = z.strictObject({
  schedule: z.string().min(1).max(100),
  time: z.string().min(1).max(64),
  pipeline: z.string(),
  params,
});

/** @throws SkeinError `bad_request`, and what a start throws; then nothing was created */
export async function startScheduled(event: unknown, ports: ApiPorts): Promise<RunReport> {
  const { schedule, time, pipeline, params: given } = parse(scheduledStart, event, "The event of the schedule is not what a start takes");
  const request = { idempotencyKey: `${schedule}-${time}`, tags: [`schedule:${schedule}`] };
  const { run } = await startRun(pipeline, given, request, { ...ports, turns: sweptTurns(ports) });
  return { run: await describeRecord(ports, run, ports.clock.now()) };
}
