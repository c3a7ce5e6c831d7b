import { describe, expect, it } from "vitest";
import { pipeline, PermanentError, RetryAfter } from "../../src/index.ts";
import { completed, failed, Rehearsal } from "./rehearsal.ts";
import { note, patient, take } from "./steps.ts";

const modes = { onFailure: ["stop_on_failure", "continue_on_failure", "fail_fast"] } as const;

const unawaited = pipeline({ name: "unawaited" }, async () => {
  take.submit({});
  take.submit({});
  await note({});
});

describe("a failure that nobody awaited", () => {
  it.each(["stop_on_failure", "continue_on_failure"] as const)("fails the run once everything has ended (%s)", async (onFailure) => {
    const run = await Rehearsal.start(unawaited, { run: { onFailure } });
    await run.fail("take");
    await run.complete("note");
    expect(run.ended).toBe(undefined);
    await run.complete("take_2", 1);
    expect(run.ended).toMatchObject({
      status: "failed",
      error: { code: "unawaited_failure", step: "take", message: expect.stringContaining("too far"), cause: { name: "RangeError" } },
    });
  });

  it("ends the run at once with fail_fast, and what runs is to be aborted", async () => {
    const run = await Rehearsal.start(unawaited, { run: { onFailure: "fail_fast" } });
    await run.fail("take");
    expect(run.orchestration).toMatchObject({ mustAbort: true, halted: { name: "RangeError", message: "too far" } });
    await run.end("take_2", { status: "stopped", reason: "told to" });
    await run.end("note", { status: "stopped", reason: "told to" });
    expect(run.ended).toMatchObject({ status: "failed", error: { name: "RangeError", step: "take" } });
  });
});

describe("fail_fast", () => {
  const busy = pipeline({ name: "busy", onFailure: "fail_fast" }, async () => {
    take.submit({});
    await note({});
    note.submit({});
  });

  it("lets the function see nothing after the failure, not even what came with it", async () => {
    const run = await Rehearsal.start(busy);
    await run.see(run.outcome("take", failed(new Error("no"))), run.outcome("note", completed("note", {})));
    expect(run.decisions).toEqual(["called take", "called note"]);
    expect(run.ended).toMatchObject({ status: "failed", error: { message: "no" } });
  });

  it("is the same when the process dies between the failure and its consequence", async () => {
    const run = await Rehearsal.start(busy);
    const both = [run.outcome("take", failed(new Error("no"))), run.outcome("note", completed("note", {}))] as const;
    await run.see(both[0]);
    const cut = run.journal.findIndex((event) => event.t === "outcome") + 1;
    const again = await run.again(busy, { journal: run.journal.slice(0, cut) });
    await again.see(both[1]);
    expect(again.decisions).toEqual(["called take", "called note"]);
    expect(again.ended).toMatchObject({ status: "failed", error: { message: "no" } });
  });
});

describe("a caught failure", () => {
  const caught = pipeline({ name: "caught" }, async () => {
    try {
      await take({});
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    const late = take.submit({});
    await note({});
    return late.load().catch(() => note({})) as never;
  });

  it.each(["stop_on_failure", "continue_on_failure"] as const)("is handled, now or later (%s)", async (onFailure) => {
    const run = await Rehearsal.start(caught, { run: { onFailure } });
    await run.fail("take");
    await run.fail("take_2");
    await run.complete("note");
    await run.complete("note_2");
    expect(run.ended).toMatchObject({ status: "completed" });
  });

  it("has class, message, stack, cause and step", async () => {
    let seen: unknown;
    const looking = pipeline({ name: "looking" }, async () => {
      await take({}).catch((error: unknown) => (seen = error));
    });
    const run = await Rehearsal.start(looking);
    const original = new TypeError("bad", { cause: new RangeError("deep") });
    await run.fail("take", original);
    expect(seen).toBeInstanceOf(TypeError);
    expect(seen).toMatchObject({
      message: "bad",
      stack: original.stack,
      step: "take",
      cause: expect.objectContaining({ name: "RangeError", message: "deep" }),
    });
    expect(run.ended?.status).toBe("completed");
  });
});

describe("an error of the function", () => {
  const thrower = pipeline({ name: "thrower" }, async () => {
    take.submit({});
    const first = note.submit({});
    take.submit({}, { after: first });
    await first;
    throw new TypeError("mine");
  });

  it("stops what is queued, and waits for what runs (stop_on_failure)", async () => {
    const run = await Rehearsal.start(thrower);
    await run.see(run.outcome("note", completed("note", {})));
    expect(run.outcomeOf("take_2")).toMatchObject({ status: "cancelled", reason: "the pipeline function had failed" });
    expect(run.ended).toBe(undefined);
    await run.complete("take", 1);
    expect(run.ended).toMatchObject({ status: "failed", error: { name: "TypeError", message: "mine" } });
  });

  it("leaves everything independent running (continue_on_failure)", async () => {
    const run = await Rehearsal.start(thrower, { run: { onFailure: modes.onFailure[1] } });
    await run.complete("note");
    expect(run.launched).toEqual(["take", "take_2"]);
    await run.complete("take", 1);
    await run.complete("take_2", 1);
    expect(run.ended).toMatchObject({ status: "failed", error: { message: "mine" } });
  });
});

describe("what depends on a failure", () => {
  const chain = pipeline({ name: "chain" }, async () => {
    const a = take.submit({});
    const b = take.submit({});
    const c = take.submit({ a, b });
    await note({ c }).catch(() => {});
  });

  it("is skipped with the reason, down to the last; awaiting the last handles all that it came from", async () => {
    const run = await Rehearsal.start(chain);
    await run.fail("take");
    expect(run.outcomeOf("take_3")).toEqual({ status: "skipped", reason: "it depends on take, which did not complete", upstream: "take" });
    expect(run.outcomeOf("note")).toMatchObject({ status: "skipped", upstream: "take_3" });
    await run.complete("take_2", 1);
    expect(run.ended).toMatchObject({ status: "completed" });
  });

  it("tells of all failures that came before it, not of later ones", async () => {
    const both = await Rehearsal.start(chain);
    await both.see(both.outcome("take", failed(new Error("one"))), both.outcome("take_2", failed(new Error("two"))));
    expect(both.ended).toMatchObject({ status: "completed" });
    const later = await Rehearsal.start(chain);
    await later.fail("take");
    await later.fail("take_2");
    expect(later.ended).toMatchObject({ status: "failed", error: { code: "unawaited_failure", step: "take_2" } });
  });

  it("throws upstream_failed with the failure as cause", async () => {
    let seen: unknown;
    const skipped = pipeline({ name: "skipped" }, async () => {
      const a = take.submit({});
      await take({ a }).catch((error: unknown) => (seen = error));
    });
    const run = await Rehearsal.start(skipped);
    await run.fail("take");
    expect(seen).toMatchObject({
      code: "upstream_failed",
      message: expect.stringContaining("depends on take"),
      cause: expect.objectContaining({ name: "RangeError" }),
    });
    expect(run.ended?.status).toBe("completed");
  });
});

describe("retries", () => {
  const retried = pipeline({ name: "retried" }, async () => patient({}));
  const launches = (run: Rehearsal) =>
    run.journal.flatMap((event) =>
      event.t === "launched" ? [[event.attempt, event.dueAt === undefined ? undefined : event.dueAt - run.clock] as const] : [],
    );

  it("follow the policy, with delay and backoff; the function sees the last failure only", async () => {
    const run = await Rehearsal.start(retried);
    await run.fail("take");
    expect(launches(run).at(-1)).toEqual([2, 2_000]);
    await run.fail("take");
    expect(launches(run).at(-1)).toEqual([3, 6_000]);
    await run.fail("take", new Error("the last"));
    expect(run.ended).toMatchObject({ status: "failed", error: { message: "the last" } });
  });

  it("are dropped for what cannot be mended, and wait as long as the step asks", async () => {
    const hopeless = await Rehearsal.start(retried);
    await hopeless.fail("take", new PermanentError("never"));
    expect(hopeless.ended).toMatchObject({ status: "failed", error: { name: "PermanentError" } });
    const asked = await Rehearsal.start(retried);
    await asked.fail("take", new RetryAfter("busy", 60_000));
    expect(launches(asked).at(-1)).toEqual([2, 60_000]);
  });

  it("are not used up by interruptions", async () => {
    const run = await Rehearsal.start(retried);
    for (let i = 0; i < 5; i++) await run.fail("take", { name: "SkeinError", message: "died", interrupted: true });
    expect(launches(run).at(-1)).toEqual([6, undefined]);
  });

  it("do not become the last word when a failure is told twice", async () => {
    const run = await Rehearsal.start(retried, { run: { maxConcurrency: 1 } });
    const told = run.outcome("take", failed(new Error("again")));
    await run.see(told, told);
    expect(run.launched).toEqual(["take"]);
    await run.complete("take", 1);
    expect(run.ended?.status).toBe("completed");
  });

  it("end with what they were to mend, once the run is over for them", async () => {
    const two = pipeline({ name: "two_things" }, async () => {
      patient.submit({});
      await note({});
      throw new Error("mine");
    });
    const run = await Rehearsal.start(two, { run: { maxConcurrency: 2 } });
    await run.see(run.outcome("take", failed(new Error("first"))), run.outcome("note", completed("note", {})));
    expect(run.outcomeOf("take")).toMatchObject({ status: "failed", error: { message: "first" } });
    expect(run.ended).toMatchObject({ status: "failed", error: { message: "mine" } });
  });
});

it("a step that was given another output since its outcome was recorded rejects, and breaks nothing", async () => {
  const read = pipeline({ name: "read_output" }, async () => take({}));
  const run = await Rehearsal.start(read);
  await run.end("take", completed("take", { renamed: 1 }));
  expect(run.ended).toMatchObject({ status: "failed", error: { code: "artifact_missing" } });
});

describe("a rejected promise of the function's own", () => {
  const stray = pipeline({ name: "stray" }, async () => {
    await note({});
  });

  it("fails the run, unless somebody takes it up in time", async () => {
    const promise = {};
    for (const takenUp of [false, true]) {
      const run = await Rehearsal.start(stray);
      const host = run.orchestration.graph.get("note").owner as unknown as {
        noteStrayRejection(promise: object, error: unknown): void;
        forgetStrayRejection(promise: object): void;
      };
      host.noteStrayRejection(promise, new Error("unheard"));
      if (takenUp) host.forgetStrayRejection(promise);
      await run.complete("note");
      expect(run.ended?.error?.code).toBe(takenUp ? undefined : "unawaited_failure");
    }
  });
});
