import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { RunContext } from "../../src/define/run-context.ts";
import type { Duration } from "../../src/model/duration.ts";
import { day, hour, Patience, second, stopwatch } from "./waiting.ts";

const note = step({ name: "note_wait", input: z.object({ text: z.string() }), output: z.string() }, ({ text }) => text);
const lasting = note.with({ runtime: "isolated" });

describe("sleep", () => {
  const napping = pipeline({ name: "napping", params: z.object({ durations: z.array(z.unknown()) }) }, async ({ durations }, run) => {
    const since = stopwatch(run);
    for (const duration of durations) {
      await run.sleep(duration as Duration);
      run.log(since());
    }
  });

  it("lets time pass, none or days, and the function wakes at that time", async () => {
    const patience = new Patience();
    const run = await patience.start(napping, { durations: [0, "2s", 500, "1.5h", "2d"] });
    await patience.pass(2 * second);
    expect(await patience.said(run)).toEqual(["0 s", "2 s"]);
    await patience.pass(499);
    expect(await patience.said(run)).toHaveLength(2);
    await patience.pass(1);
    expect(await patience.said(run)).toHaveLength(3);
    const { ended } = await patience.ended(run);
    expect(ended?.status).toBe("completed");
    expect(await patience.said(run)).toEqual(["0 s", "2 s", "2.5 s", "5402.5 s", "178202.5 s"]);
    expect(patience.clock.now() - (ended?.startedAt ?? 0)).toBe(178_202_500);
  });

  it("has numbered ids in the journal, and nothing runs meanwhile", async () => {
    const patience = new Patience();
    const run = await patience.start(napping, { durations: ["1h", "1h", 0] });
    const { ended } = await patience.ended(run);
    const events = await patience.events(run);
    expect(events.flatMap((event) => (event.t === "waiting" || event.t === "woken" ? [`${event.t} ${event.id}`] : []))).toEqual([
      "waiting sleep",
      "woken sleep",
      "waiting sleep_2",
      "woken sleep_2",
      "waiting sleep_3",
      "woken sleep_3",
    ]);
    expect(ended?.totals).toMatchObject({ called: 0 });
  });

  it("goes on where its start is long ago: the time counts from what the function last saw", async () => {
    const patience = new Patience();
    const late = pipeline({ name: "late_sleeper" }, async (_, run) => {
      await run.waitFor("go");
      await run.sleep("1m");
    });
    const run = await patience.start(late);
    await patience.pass(hour);
    await patience.signal(run, "go");
    await patience.pass(59 * second);
    expect(await patience.hasEnded(run)).toBe(false);
    await patience.pass(second);
    expect(await patience.hasEnded(run)).toBe(true);
  });

  const racing = pipeline({ name: "racing_sleeps", params: z.object({ ms: z.number() }) }, async ({ ms }, run) => {
    const step = note
      .with({ retry: { maxRetries: 1, delay: "10s" } })({ text: "step" })
      .then(() => "step");
    const first = await Promise.race([run.sleep("1h").then(() => "slow"), run.sleep(ms).then(() => "quick"), step]);
    run.log(first);
    await Promise.all([run.sleep("2s"), run.sleep("1s"), run.sleep("1s")]);
    run.log("all");
  });

  it("races with other sleeps and with steps", async () => {
    const patience = new Patience();
    const run = await patience.start(racing, { ms: 5_000 });
    await patience.ended(run);
    expect(await patience.said(run)).toEqual(["step", "all"]);
    expect(patience.clock.now()).toBeLessThan((await patience.stores.state.readRun(run))!.createdAt + hour);
  });

  const quick = pipeline({ name: "quick_race" }, async (_, run) => {
    const away = lasting({ text: "away" }).then(() => "step");
    run.log(await Promise.race([away, run.sleep(0).then(() => "sleep")]));
    run.log(
      await Promise.race([run.sleep("3s").then(() => "three"), run.sleep("1s").then(() => "one"), run.sleep("2s").then(() => "two")]),
    );
    await away;
  });

  it("of several, the first that is due wakes first", async () => {
    const patience = new Patience();
    const run = await patience.start(quick);
    await patience.ended(run);
    expect((await patience.said(run))[1]).toBe("one");
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "soon", "-1s", "91d", 91 * day, undefined, null, {}, []])(
    "refuses %j",
    async (duration) => {
      const patience = new Patience();
      const run = await patience.start(napping, { durations: [duration] });
      const { ended } = await patience.ended(run);
      expect(ended).toMatchObject({ status: "failed", error: { code: "bad_call", message: expect.stringContaining("run.sleep") } });
    },
  );
});

describe("waits that nobody awaits", () => {
  const leaving = pipeline({ name: "leaving_waits", params: z.object({ how: z.string() }) }, async ({ how }, run) => {
    void run.sleep("80d");
    void run.waitFor("never");
    void run.waitFor("hardly", { timeout: "1s" });
    if (how === "throws") throw new RangeError("enough");
    if (how === "works") void lasting({ text: "late" });
    if (how === "chain") void run.sleep("1s").then(() => note({ text: "too late" }));
  });

  test.each(["returns", "works", "chain"])("hold up no function that %s", async (how) => {
    const patience = new Patience();
    const run = await patience.start(leaving, { how });
    await patience.settle();
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed", totals: { called: how === "works" ? 1 : 0 } } });
    expect(patience.clock.now()).toBe((await patience.stores.state.readRun(run))?.createdAt);
  });

  it("nor one that throws", async () => {
    const patience = new Patience();
    const run = await patience.start(leaving, { how: "throws" });
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "failed", error: { name: "RangeError" } } });
    expect(patience.clock.now()).toBe((await patience.stores.state.readRun(run))?.createdAt);
  });

  const retrying = step({ name: "retrying_wait", retry: { maxRetries: 1, delay: "1m" } }, (_, { attempt }) => {
    if (attempt === 1) throw new Error("again");
  });
  const outlived = pipeline({ name: "outlived_waits" }, async (_, run) => {
    void run.waitFor("hardly", { timeout: "1s" });
    retrying.submit();
  });

  it("are over when the function is: a time-out fails no run whose steps go on", async () => {
    const patience = new Patience();
    const run = await patience.start(outlived);
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed", totals: { ended: { completed: 1 } } } });
    expect((await patience.events(run)).some((event) => event.t === "woken")).toBe(false);
  });

  const unheeded = pipeline({ name: "unheeded_wait" }, async (_, run) => {
    void run.waitFor("hardly", { timeout: "1s" });
    await run.sleep("2s");
  });
  const heeded = pipeline({ name: "heeded_wait" }, async (_, run) => {
    const answer = run.waitFor("hardly", { timeout: "1s" });
    await run.sleep("2s");
    await answer.catch((error: { readonly code: string }) => run.log(error.code));
  });

  it("fail the run by a time-out that comes while the function goes on, unless it looks later", async () => {
    const patience = new Patience();
    expect(await patience.ended(await patience.start(unheeded))).toMatchObject({
      ended: { status: "failed", error: { code: "unawaited_failure", message: expect.stringContaining('no signal "hardly" came') } },
    });
    const run = await patience.start(heeded);
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed" } });
    expect(await patience.said(run)).toEqual(["wait_timeout"]);
  });
});

describe("a run that waits", () => {
  const patient = pipeline({ name: "patient" }, async (_, run) => {
    await run.waitFor("word", { schema: z.string() });
    await note({ text: "after" });
  });

  it("is ended by a stop", async () => {
    const patience = new Patience();
    const run = await patience.start(patient);
    await patience.pass(hour);
    expect(await patience.hasEnded(run)).toBe(false);
    await patience.engine.stop(run, "enough");
    await patience.settle();
    expect(await patience.stores.state.readRun(run)).toMatchObject({
      ended: { status: "stopped", error: { code: "stopped" }, totals: { called: 0 } },
    });
    await patience.engine.stop(run).catch(() => {});
  });

  const failing = step({ name: "failing_wait", runtime: "isolated" }, () => {
    throw new RangeError("no");
  });
  const fastFailing = pipeline({ name: "fast_failing_wait", onFailure: "fail_fast" }, async (_, run) => {
    failing.submit();
    await run.waitFor("word");
  });

  it("is ended by the first failure where it is to fail fast", async () => {
    const patience = new Patience();
    const run = await patience.start(fastFailing);
    await patience.settle();
    expect(await patience.stores.state.readRun(run)).toMatchObject({ ended: { status: "failed", error: { name: "RangeError" } } });
  });

  const narrow = pipeline({ name: "narrow_waits", maxConcurrency: 1 }, async (_, run) => {
    const waits = [run.waitFor("word"), run.sleep("1h"), run.sleep("2h")];
    await Promise.all([note.submit({ text: "a" }), note.submit({ text: "b" })]);
    run.log("both");
    await Promise.all(waits);
  });

  it("counts for no limit of what runs at once", async () => {
    const patience = new Patience();
    const run = await patience.start(narrow);
    await patience.pass(second);
    expect(await patience.said(run)).toEqual(["both"]);
    await patience.signal(run, "word");
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed" } });
  });

  const stuck = pipeline({ name: "stuck_after_wait" }, async (_, run) => {
    void run.sleep("1h");
    await new Promise(() => {});
  });

  it("waits for nothing only when its last wait is over", async () => {
    const patience = new Patience();
    const run = await patience.start(stuck);
    await patience.pass(hour - 1);
    expect(await patience.hasEnded(run)).toBe(false);
    await patience.pass(1);
    expect(await patience.stores.state.readRun(run)).toMatchObject({ ended: { status: "failed", error: { code: "nothing_to_wait_for" } } });
  });
});

describe("a static pipeline", () => {
  const wait = (how: "sleep" | "waitFor", run: RunContext) => void (how === "sleep" ? run.sleep("1s") : run.waitFor("go"));
  const planned = pipeline({ name: "static_sleep", mode: "static" }, (_, run) => {
    wait("sleep", run);
    return lasting({ text: "static" });
  });
  const asking = pipeline({ name: "static_wait", mode: "static" }, (_, run) => {
    wait("waitFor", run);
    return lasting({ text: "static" });
  });

  test.each([planned, asking])("$name neither sleeps nor waits: it does not start", async ({ name }) => {
    const patience = new Patience();
    await expect(patience.engine.start(name, {})).rejects.toMatchObject({
      code: "bad_call",
      message: expect.stringMatching(/static pipeline static_\w+ cannot wait by run\.(sleep|waitFor)\(\).*drop mode/),
    });
    expect((await patience.stores.state.listRuns({})).items).toEqual([]);
  });
});
