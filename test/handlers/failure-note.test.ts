import { describe, expect, test } from "vitest";
import { deathOf } from "../../handlers/failure-note.ts";
import { passing } from "../../handlers/passing.ts";
import { SkeinError } from "../../src/model/error.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { StepTask } from "../../src/model/task.ts";

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
