import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Cloud } from "../../handlers/cloud.ts";

/** Nothing here asks AWS for anything. */
const environment = {
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
const route = { orchestrator: "arn:aws:lambda:us-east-1:123456789012:function:orchestrator:1", operators: [] };

describe("the end of an invocation", () => {
  test.each([
    ["has returned", () => Promise.resolve("done"), { status: "fulfilled", value: "done" }],
    ["has failed", () => Promise.reject(new Error("no")), { status: "rejected", reason: new Error("no") }],
  ])("waits for what is left of steps, where its work %s", async (_, work, expected) => {
    const cloud = await Cloud.open(environment);
    const left = Promise.withResolvers<void>();
    let isOver = false;
    const invocation = Promise.allSettled([
      cloud.restAfter(() => {
        cloud.ports(route).onLeft?.(left.promise);
        return work();
      }),
    ]).finally(() => (isOver = true));
    await macrotask();
    expect(isOver).toBe(false);
    left.resolve();
    expect(await invocation).toEqual([expected]);
  });
});
