import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { items } from "../../src/define/artifact-schema.ts";
import { step } from "../../src/define/step.ts";
import type { StepContext } from "../../src/define/step-context.ts";
import { digestOf } from "../../src/execute/digest.ts";
import { executeStep, type Workplace } from "../../src/execute/execute-step.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { StepTask } from "../../src/model/task.ts";
import { completed, failed, outcomeOf, place, run, taskOf } from "./attempt.ts";

/** What the step that is under test does. */
let body: (context: StepContext) => unknown;
/** Lets a step end that waits for it. */
let release: (value: unknown) => void;
let released: Promise<unknown>;
beforeEach(() => ({ promise: released, resolve: release } = Promise.withResolvers()));

step({ name: "under_test", output: z.unknown() }, async (_, context) => body(context));
step({ name: "endless", output: items(z.number()) }, async function* () {
  for (let i = 0; ; i++) {
    yield i;
    if (i % 20_000 === 19_999) await released;
  }
});

const timed = (timeoutMs: number): Partial<StepTask> => ({ policy: { timeoutMs } });

/** Starts a step and waits until it can go no further by itself. */
async function started(task: StepTask, workplace: Workplace): Promise<{ outcome: Promise<Outcome>; ended: () => boolean }> {
  let ended = false;
  const outcome = outcomeOf(task, workplace).finally(() => (ended = true));
  await turn();
  return { outcome, ended: () => ended };
}

async function valueFrom(outcome: Promise<Outcome>, { artifacts }: Workplace): Promise<unknown> {
  const ref = completed(await outcome).outputs["output"];
  return ref && loadArtifact(ref, undefined, { artifacts });
}

describe("a timeout", () => {
  test("aborts the signal, then fails the attempt without waiting for a step that ignores it", async () => {
    const { workplace, clock } = place();
    let aborted: unknown;
    body = ({ signal }) => (signal.addEventListener("abort", () => (aborted = signal.reason)), released);
    const { outcome, ended } = await started(taskOf("under_test", {}, timed(5_000)), workplace);
    await clock.advance(4_999);
    expect(ended()).toBe(false);
    await clock.advance(1);
    expect(failed(await outcome)).toMatchObject({ code: "step_timeout", step: "under_test", message: expect.stringContaining("5.0 s") });
    expect(aborted).toMatchObject({ code: "step_timeout" });
    release("late");
    await turn();
    expect(await workplace.artifacts.has(`${run}/under_test/1/nonce0000000/output`)).toBe(false);
  });

  test("leaves no timer behind when the step ends in time", async () => {
    const { workplace, clock } = place();
    body = () => 1;
    completed(await outcomeOf(taskOf("under_test", {}, timed(5_000)), workplace));
    expect(clock.waiting).toBe(0);
  });

  test("counts for a step that holds up its thread, too", async () => {
    const { workplace, clock } = place();
    body = () => {
      const later = clock.now() + 5_001;
      clock.now = () => later;
    };
    expect(failed(await outcomeOf(taskOf("under_test", {}, timed(5_000)), workplace)).code).toBe("step_timeout");
  });

  test("comes before the place's end, so that the failure can be recorded", async () => {
    const { workplace, clock } = place({ until: 1_735_689_600_000 + 10_000 });
    body = () => released;
    const { outcome } = await started(taskOf("under_test", {}, timed(60_000)), workplace);
    await clock.advance(8_000);
    expect(failed(await outcome)).toMatchObject({ code: "step_timeout", message: expect.stringContaining("no time left") });
  });

  test("is what remainingMs counts down to", async () => {
    const { workplace, clock } = place();
    const seen: number[] = [];
    body = async ({ remainingMs }) => (seen.push(remainingMs()), await clock.wait(1_000), seen.push(remainingMs()), 1);
    const { outcome } = await started(taskOf("under_test", {}, timed(5_000)), workplace);
    await clock.advance(1_000);
    completed(await outcome);
    expect(seen).toEqual([5_000, 4_000]);
    body = ({ remainingMs }) => String(remainingMs());
    expect(await valueFrom(outcomeOf(taskOf("under_test"), { ...workplace, nonce: "nonce1111111" }), workplace)).toBe("Infinity");
  });

  test("ends a stream that is being stored", async () => {
    const { workplace, clock } = place();
    const { outcome } = await started(taskOf("endless", {}, timed(1_000)), workplace);
    await clock.advance(1_000);
    expect(failed(await outcome).code).toBe("step_timeout");
    release(undefined);
    await turn();
    expect(await workplace.artifacts.has(`${run}/endless/1/nonce0000000/output`)).toBe(false);
  });
});

describe("a stop request", () => {
  test("before the start runs nothing", async () => {
    const { workplace, stop } = place();
    body = () => expect.unreachable();
    stop.abort("enough");
    expect(await outcomeOf(taskOf("under_test"), workplace)).toEqual({ status: "stopped", reason: "enough" });
  });

  test("while the inputs are loaded keeps the function from starting", async () => {
    const { workplace, stop } = place();
    const ran: string[] = [];
    body = () => ran.push("the function");
    const artifacts = Object.assign(new MemoryArtifactStore(), { get: async () => (stop.abort("enough"), Buffer.from("{}")) });
    const input = { literal: "", spilled: { digest: digestOf("{}"), bytes: 2 } };
    expect(await outcomeOf(taskOf("under_test", {}, { input }), { ...workplace, artifacts })).toEqual({
      status: "stopped",
      reason: "enough",
    });
    expect(ran).toEqual([]);
  });

  test("lets a step that returns in time complete", async () => {
    const { workplace, stop, clock } = place();
    body = ({ signal }) => (signal.addEventListener("abort", () => release("tidied up")), released);
    const { outcome } = await started(taskOf("under_test"), workplace);
    stop.abort("enough");
    completed(await outcome);
    expect(clock.waiting).toBe(0);
  });

  test("makes a step that throws a stopped one", async () => {
    const { workplace, stop } = place();
    body = async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      signal.throwIfAborted();
    };
    const { outcome } = await started(taskOf("under_test"), workplace);
    stop.abort(new Error("the run was stopped"));
    expect(await outcome).toEqual({ status: "stopped", reason: "the run was stopped" });
  });

  test("gives a step that goes on one second, and what is left of its time", async () => {
    const { workplace, stop, clock } = place();
    body = () => released;
    const long = await started(taskOf("under_test"), workplace);
    const short = await started(taskOf("under_test", {}, timed(300)), workplace);
    stop.abort();
    await clock.advance(300);
    expect(await short.outcome).toEqual({ status: "stopped", reason: "stop requested" });
    await clock.advance(699);
    expect(long.ended()).toBe(false);
    await clock.advance(1);
    expect(await long.outcome).toEqual({ status: "stopped", reason: "stop requested" });
  });

  test("aborts a signal that is asked for only afterwards", async () => {
    const { workplace, stop } = place();
    body = async (context) => {
      await released;
      return context.signal.aborted;
    };
    const { outcome } = await started(taskOf("under_test"), workplace);
    stop.abort("enough");
    release(undefined);
    expect(await valueFrom(outcome, workplace)).toBe(true);
  });

  test("is forgotten when the step has ended: nothing listens any more", async () => {
    const { workplace } = place();
    const listeners = new Set<unknown>();
    const signal = Object.assign(new AbortController().signal, {
      addEventListener: (_: string, listener: unknown) => listeners.add(listener),
      removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
    });
    body = () => 1;
    await executeStep(taskOf("under_test"), { ...workplace, signal });
    expect(listeners.size).toBe(0);
  });
});
