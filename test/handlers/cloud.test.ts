import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Cloud } from "../../handlers/cloud.ts";
import { deathOf } from "../../handlers/failure-note.ts";
import { passing } from "../../handlers/passing.ts";
import { SkeinError } from "../../src/model/error.ts";
import { makeRunId } from "../../src/model/id.ts";
import { environment } from "./environment.ts";

const route = { orchestrator: "arn:aws:lambda:us-east-1:123456789012:function:orchestrator:1", operators: [] };
const key = { run: makeRunId(1, "note"), id: "fit", attempt: 1 };
const task = { v: 1, key, pipeline: "p", step: "fit", input: { literal: "{}" }, edges: [], policy: {} } as const;

/** As Lambda tells of a process that has ended. */
function note(errorMessage: string) {
  return {
    requestContext: { requestId: "r", functionArn: "f", condition: "RetriesExhausted" },
    requestPayload: { v: 1, kind: "step", task, route } as const,
    responseContext: { functionError: "Unhandled" },
    responsePayload: { errorType: "Runtime.ExitError", errorMessage },
  };
}

afterEach(() => void vi.restoreAllMocks());

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

  test.each([
    ["because services have failed", new SkeinError("store_unavailable", "nobody answers"), "step_lost"],
    ["otherwise", new Error("no"), "step_process_died"],
  ])("ends the process over what goes on, and tells of it where its work has failed %s", async (_, error, code) => {
    const cloud = await Cloud.open(environment);
    const ended = Promise.withResolvers<number>();
    vi.spyOn(process, "exit").mockImplementation((status) => {
      ended.resolve(Number(status));
      throw new Error("the process has ended");
    });
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const work = () => {
      cloud.ports(route).onLeft?.(new Promise(() => {}));
      return passing(() => Promise.reject(error));
    };
    await expect(cloud.restAfter(work)).rejects.toThrow("the process has ended");
    const errorMessage = `RequestId: r Error: Runtime exited with error: exit status ${await ended.promise}`;
    expect(deathOf(note(errorMessage), task)).toMatchObject({ code });
  });
});
