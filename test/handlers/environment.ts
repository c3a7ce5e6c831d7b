import type { Environment } from "../../handlers/env.ts";

/** Of functions that ask AWS for nothing. */
export const environment: Environment = {
  table: "table",
  bucket: "bucket",
  queue: "https://sqs.us-east-1.amazonaws.com/123456789012/queue",
  orchestrator: undefined,
  s3Endpoint: undefined,
  operators: [],
  loggers: [],
  retentionMs: 1,
  hotWaitMs: 0,
  inlineValues: 0,
  lostAfterMs: 1,
  sweepMs: 1,
  batonMb: 0,
  keepVersionsMs: 1,
  countsRequests: false,
};
