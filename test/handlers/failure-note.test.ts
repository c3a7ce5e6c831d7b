import { describe, expect, test } from "vitest";
import { deathOf, nextTurn } from "../../handlers/failure-note.ts";
import { passing } from "../../handlers/passing.ts";
import { SkeinError } from "../../src/model/error.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { StepTask, Wake } from "../../src/model/task.ts";

const task: StepTask = {
  v: 1,
  key: { run: makeRunId(1, "note"), id: "fit", attempt: 1 },
  pipeline: "p",
  step: "fit",
  input: { literal: "{}" },
  edges: [],
  policy: {},
};
const once: StepTask = { ...task, policy: { delivery: "at_most_once" } };

function note(responsePayload: { readonly errorType?: string; readonly errorMessage?: string }) {
  const message = { v: 1, kind: "step", task, route: { orchestrator: "o", operators: [] } } as const;
  return {
    requestContext: { requestId: "r", functionArn: "f", condition: "RetriesExhausted" },
    requestPayload: message,
    responseContext: { functionError: "Unhandled" },
    responsePayload,
  };
}

const wakeOf = (reason: Wake["reason"]): Wake => ({ v: 1, run: task.key.run, reason });
const lost = { requestContext: { requestId: "r", functionArn: "f", condition: "EventAgeExceeded" } };
const crashed = note({ errorType: "Runtime.ExitError", errorMessage: "exit status 1" });

/** As Lambda tells of an error that a handler has thrown. */
async function thrown(error: SkeinError) {
  const { name: errorType, message: errorMessage } = await passing(() => Promise.reject(error)).catch((caught: Error) => caught);
  return note({ errorType, errorMessage });
}

describe("the note of a step's invocation that has failed", () => {
  test.each([
    ["store_unavailable", task, "step_lost"],
    ["operator_unavailable", task, "step_lost"],
    ["store_unavailable", once, "step_interrupted"],
  ] as const)("over %s tells of an attempt that does not count", async (code, of, as) => {
    const death = deathOf(await thrown(new SkeinError(code, "nobody answers")), of);
    expect(death).toMatchObject({ code: as, interrupted: true, retryAfterMs: 5_000, message: expect.stringContaining("nobody answers") });
  });

  test("over a store that refuses, which no other try mends, tells of one that does", async () => {
    const refused = new SkeinError("store_unavailable", "the role may not do this", { data: { refused: true } });
    const death = deathOf(await thrown(refused), task);
    expect(death).toMatchObject({ code: "step_process_died", message: expect.stringContaining("the role may not do this") });
    expect(death).not.toHaveProperty("interrupted");
  });

  test.each([
    ["Sandbox.Timedout", "", "step_timeout"],
    ["Runtime.OutOfMemory", "", "step_out_of_memory"],
    ["Runtime.ExitError", "exit status 1", "step_process_died"],
  ])("by %s tells of one that does", (errorType, errorMessage, code) => {
    const death = deathOf(note({ errorType, errorMessage }), task);
    expect(death).toMatchObject({ code });
    expect(death).not.toHaveProperty("interrupted");
  });
});

describe("the note of a turn's invocation that has failed", () => {
  const next = (reason: Wake["reason"], from: Parameters<typeof nextTurn>[1], { crashes = 0, holder = "" } = {}) =>
    nextTurn(wakeOf(reason), from, { crashes: async () => crashes, isHeldBy: async (invocation) => invocation === holder });
  const dead = { v: 1, run: task.key.run, dead: "r" } as const;

  test("asks for the same turn where it never ran", async () => {
    const never = { ...lost, requestPayload: { v: 1, kind: "turn", wake: wakeOf("outcome") } } as const;
    expect(await next("outcome", never)).toEqual({ wake: wakeOf("outcome"), delayMs: 0 });
    expect(await next("sweep", never)).toBeUndefined();
  });

  test.each([undefined, true])("asks for another one, after a while, where a service was out of reach (refused: %s)", async (refused) => {
    const data = refused === undefined ? {} : { refused };
    const away = await thrown(new SkeinError("store_unavailable", "nobody answers", { data }));
    expect(await next("outcome", away)).toEqual({ wake: { ...dead, reason: "continue" }, delayMs: 15_000 });
    expect(await next("sweep", away)).toBeUndefined();
    expect(await next("sweep", away, { holder: "r" })).toEqual({ wake: { ...dead, reason: "continue" }, delayMs: 15_000 });
  });

  test("asks for one that counts the crash, and takes its time where that is of no use any more", async () => {
    for (const reason of ["outcome", "sweep"] as const)
      expect(await next(reason, crashed, { crashes: 2 })).toEqual({ wake: { ...dead, reason: "crash" }, delayMs: 0 });
    expect(await next("crash", crashed, { crashes: 3 })).toEqual({ wake: { ...dead, reason: "crash" }, delayMs: 300_000 });
    expect(await next("sweep", crashed, { crashes: 3 })).toBeUndefined();
  });
});
