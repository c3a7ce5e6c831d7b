import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, PermanentError, step } from "../../src/index.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { ManualClock } from "../../src/testing.ts";
import { ended, engineWith, journal, until } from "./engines.ts";

const N = z.object({ n: z.number() });
const double = step({ name: "double", input: N, output: z.number() }, async ({ n }) => n * 2);
const calls: string[] = [];

describe("work that nobody awaited", () => {
  const slow = step({ name: "slow_note", input: z.object({ name: z.string() }) }, async ({ name }) => {
    await sleep(20);
    calls.push(name);
  });
  const leaving = pipeline({ name: "leaving_work" }, async () => {
    slow.submit({ name: "inline" });
    slow.with({ runtime: "isolated" }).submit({ name: "isolated" });
    slow.map({ name: ["x", "y"] });
    void slow({ name: "call" });
  });

  it("is finished before the run ends", async () => {
    calls.length = 0;
    const run = await ended(engineWith(), leaving.name);
    expect(run.ended).toMatchObject({ status: "completed", totals: { called: 5, ended: { completed: 5 } } });
    expect(calls.sort()).toEqual(["call", "inline", "isolated", "x", "y"]);
  });
});

describe("stop", () => {
  const seen: string[] = [];
  const abortable = step({ name: "abortable", input: z.object({ name: z.string() }) }, async ({ name }, { signal }) => {
    seen.push(`${name} runs`);
    await new Promise((_, reject) =>
      signal.addEventListener("abort", () => {
        seen.push(`${name} aborted`);
        reject(signal.reason as Error);
      }),
    );
  });
  const long = pipeline({ name: "long" }, async () => {
    const inline = abortable.submit({ name: "inline" });
    const isolated = abortable.with({ runtime: "isolated" }).submit({ name: "isolated" });
    double.submit({ n: 1 }, { after: inline });
    await Promise.allSettled([inline, isolated]);
    seen.push("the function went on");
  });

  it("aborts what runs, starts nothing more, tells the function nothing, and says why", async () => {
    const engine = engineWith();
    const { run } = await engine.start(long.name, {});
    await until(() => seen.length === 2);
    await engine.stop(run.id, "enough");
    const record = await engine.ended(run.id);
    expect(record.ended).toMatchObject({ status: "stopped", error: { code: "stopped", message: expect.stringContaining("enough") } });
    expect(seen.sort()).toEqual(["inline aborted", "inline runs", "isolated aborted", "isolated runs"]);
    const outcomes = (await journal(engine, run.id)).flatMap((event) => (event.t === "outcome" ? [[event.id, event.outcome.status]] : []));
    expect(outcomes.sort()).toEqual([
      ["abortable", "stopped"],
      ["abortable_2", "stopped"],
      ["double", "cancelled"],
    ]);
    await expect(engine.stop(run.id)).rejects.toMatchObject({ code: "run_has_ended" });
  });
});

describe("errors", () => {
  class OddError extends Error {
    readonly code = "E_ODD";
  }
  const failing = step({ name: "failing", input: z.object({ how: z.string() }) }, async ({ how }) => {
    if (how === "odd") throw new OddError("odd", { cause: new RangeError("deep") });
    // oxlint-disable-next-line no-throw-literal -- what users do
    if (how === "text") throw "just text" as unknown as Error;
    throw new PermanentError("never");
  });

  it.each(["inline", "isolated"] as const)("of an %s step come back with class name, message, stack, cause and code", async (runtime) => {
    const caught: unknown[] = [];
    const catching = pipeline({ name: `catching_${runtime}` }, async () => {
      for (const how of ["odd", "text", "permanent"])
        await failing
          .with({ runtime })({ how })
          .catch((error: unknown) => caught.push(error));
    });
    expect((await ended(engineWith(), catching.name)).ended?.status).toBe("completed");
    expect(caught).toMatchObject([
      {
        name: "OddError",
        message: "odd",
        code: "E_ODD",
        step: "failing",
        stack: expect.stringContaining("semantics.test.ts"),
        cause: expect.objectContaining({ name: "RangeError", message: "deep" }),
      },
      { name: "Error", message: "thrown: just text" },
      { name: "PermanentError", message: "never" },
    ]);
    expect(caught[2]).toBeInstanceOf(PermanentError);
  });
});

describe("values", () => {
  const odd = step({ name: "odd_values", output: z.any() }, async () => ({
    at: new Date(5),
    map: new Map([[1, new Set([2n])]]),
    none: undefined,
  }));
  const see = step(
    { name: "see_value", input: z.object({ value: z.any() }), output: z.string() },
    async ({ value }) => `${value.at.getTime()} ${[...value.map.get(1)][0]} ${"none" in value}`,
  );
  const passing = pipeline({ name: "passing" }, async () => {
    const value = await odd();
    const loaded = (await value.load()) as { at: Date };
    loaded.at.setTime(99);
    return [see({ value }), see.with({ runtime: "isolated" }).submit({ value })];
  });

  it("are the materialized ones for everybody: nobody shares an object", async () => {
    for (const inlineValues of [0, 4_096]) {
      const result = (await engineWith({ inlineValues }).run(passing)) as readonly { load(): Promise<string> }[];
      expect(await Promise.all(result.map((artifact) => artifact.load()))).toEqual(["5 2 true", "5 2 true"]);
    }
  });
});

describe("logs", () => {
  const talking = step({ name: "talking", input: z.object({ name: z.string() }) }, async ({ name }, { log }) => {
    log("starts", { name });
    await sleep(2);
    console.warn("still %s", name);
    await sleep(2);
    log.error("ends");
  });
  const choir = pipeline({ name: "choir" }, async (_, { log }) => {
    log("before");
    await Promise.all([talking({ name: "a" }), talking.submit({ name: "b" }).result(), talking.map({ name: ["c", "d"] }).result()]);
    log.info("after", { voices: 4 });
  });

  it("are kept apart by attempt, and the function's are written once", async () => {
    const engine = engineWith();
    const run = await ended(engine, choir.name);
    const { records } = await engine.logs.read(run.id);
    const of = (step: string | undefined) =>
      records
        .filter((record) => record.step === step)
        .map(({ message, fields }) => (fields === undefined ? message : `${message} ${JSON.stringify(fields)}`));
    expect(of(undefined)).toEqual(["before", 'after {"voices":4}']);
    for (const [id, name] of [
      ["talking", "a"],
      ["talking_2", "b"],
      ["talking_3[0]", "c"],
      ["talking_3[1]", "d"],
    ] as const) {
      expect(of(id)).toEqual([`starts {"name":"${name}"}`, `still ${name}`, "ends"]);
    }
  });
});

describe("metadata", () => {
  const measured = step({ name: "measured", outputs: { model: z.string(), rmse: z.number() } }, async (_, { metadata }) => {
    metadata({ rows: 5 });
    metadata({ quality: "good" }, { output: "model" });
    return { model: "m", rmse: 1 };
  });
  it("of a step run is in its outcome, that of an output with the artifact", async () => {
    let seen: unknown;
    const reading = pipeline({ name: "reading_metadata" }, async () => {
      const { model, rmse } = await measured();
      seen = [await model.metadata(), await rmse.metadata()];
    });
    const engine = engineWith();
    const run = await ended(engine, reading.name);
    expect(seen).toEqual([{ quality: "good" }, {}]);
    expect((await journal(engine, run.id)).find((event) => event.t === "outcome")).toMatchObject({ outcome: { metadata: { rows: 5 } } });
  });
});

describe("time", () => {
  const clock = () => new ManualClock();

  it("retries wait for their delay with backoff, inline and isolated, and end well", async () => {
    for (const runtime of ["inline", "isolated"] as const) {
      const time = clock();
      const begun: number[] = [];
      const flaky = step(
        { name: `flaky_${runtime}`, output: z.number(), runtime, retry: { maxRetries: 2, delay: "2s", backoff: 3 } },
        async (_, { attempt }) => {
          begun.push(time.now());
          if (attempt < 3) throw new Error(`attempt ${attempt}`);
          return attempt;
        },
      );
      const retrying = pipeline({ name: `retrying_${runtime}` }, async () => flaky());
      const engine = engineWith({ clock: time });
      const { run } = await engine.start(retrying.name, {});
      let end: RunRecord | undefined;
      void engine.ended(run.id).then((record) => (end = record));
      for (let i = 0; i < 400 && end === undefined; i++) await time.advanceToNext();
      expect(end?.ended).toMatchObject({ status: "completed", outputs: { output: { id: `${run.id}.${flaky.name}.3.output` } } });
      const [one = 0, two = 0, three = 0] = begun;
      expect([two - one >= 2_000, two - one < 4_500, three - two >= 6_000, three - two < 8_500]).toEqual([true, true, true, true]);
    }
  });

  it("a step that takes too long gets signal and fails with step_timeout", async () => {
    for (const runtime of ["inline", "isolated"] as const) {
      const time = clock();
      let aborted = false;
      const endless = step({ name: `endless_${runtime}`, runtime, timeout: "10s" }, async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", () => resolve((aborted = true))));
      });
      const waiting = pipeline({ name: `waiting_${runtime}` }, async () => {
        await endless();
      });
      const engine = engineWith({ clock: time });
      const { run } = await engine.start(waiting.name, {});
      let end: RunRecord | undefined;
      void engine.ended(run.id).then((record) => (end = record));
      for (let i = 0; i < 400 && end === undefined; i++) await time.advanceToNext();
      expect([aborted, end?.ended?.error?.code]).toEqual([true, "step_timeout"]);
    }
  });
});

describe("a function that returns more artifacts than a run's record holds", () => {
  const listing = pipeline({ name: "listing", params: z.object({ times: z.number() }) }, async ({ times }) => {
    const one = double.submit({ n: 1 });
    return Array.from({ length: times }, () => one);
  });

  it("fails the run, and says what to do", async () => {
    const engine = engineWith();
    const many = await engine.start(listing.name, { times: 3_000 });
    expect((await engine.ended(many.run.id)).ended).toMatchObject({
      status: "failed",
      outputs: {},
      error: { code: "bad_pipeline_result", message: expect.stringMatching(/3000 artifacts.*as a whole/) },
    });
    const few = await engine.start(listing.name, { times: 1_000 });
    expect((await engine.ended(few.run.id)).ended?.outputs["output"]).toHaveLength(1_000);
  });
});
