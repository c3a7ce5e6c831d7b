import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { RunContext } from "../../src/define/run-context.ts";
import { hour, Patience, second } from "./waiting.ts";

const isolated = step({ name: "signalled", runtime: "isolated", output: z.number() }, () => 1);

const Answer = z.object({ ok: z.boolean(), on: z.date().optional(), by: z.string().transform((name) => name.toUpperCase()) });

describe("a signal", () => {
  const asking = pipeline({ name: "asking" }, async (_, run) => {
    run.log(JSON.stringify(await run.waitFor("answer", { schema: Answer, question: "Go on?" })));
  });

  it("is parsed by the schema of its wait, transforms applied", async () => {
    const patience = new Patience();
    const run = await patience.start(asking);
    await patience.pass(3 * hour);
    expect(await patience.said(run)).toEqual([]);
    await patience.signal(run, "answer", { ok: true, by: "ada", on: new Date(0), more: 1 });
    expect(await patience.hasEnded(run)).toBe(true);
    expect(await patience.said(run)).toEqual(['{"ok":true,"on":"1970-01-01T00:00:00.000Z","by":"ADA"}']);
  });

  it("that its schema refuses is logged at once, and waited for again", async () => {
    const patience = new Patience();
    const run = await patience.start(asking);
    await patience.signal(run, "answer", { ok: "yes", by: 1 }, "first");
    expect(await patience.lines(run)).toEqual([
      expect.stringMatching(/^warn: the signal "answer" \(first\) was refused.*: ok: expected boolean.*; by: /),
    ]);
    await patience.signal(run, "answer", undefined, "second");
    await patience.signal(run, "other", { ok: true, by: "eve" });
    expect(await patience.hasEnded(run)).toBe(false);
    await patience.signal(run, "answer", { ok: false, by: "ada" });
    expect(await patience.hasEnded(run)).toBe(true);
    expect((await patience.said(run)).map((line) => line.slice(0, 20))).toEqual([
      'the signal "answer" ',
      'the signal "answer" ',
      '{"ok":false,"by":"AD',
    ]);
  });

  const plain = pipeline({ name: "plain_wait" }, async (_, run) => {
    const value: void = await run.waitFor("go");
    run.log(String(value));
  });

  test.each([undefined, 17, { any: ["thing"] }])("without a schema carries nothing that is wanted: %j", async (value) => {
    const patience = new Patience();
    const run = await patience.start(plain);
    await patience.signal(run, "go", value);
    expect(await patience.said(run)).toEqual(["undefined"]);
    expect(await patience.hasEnded(run)).toBe(true);
  });

  const late = pipeline({ name: "late_wait" }, async (_, run) => {
    await run.sleep("1h");
    await run.waitFor("go");
    run.log(run.now().toISOString());
  });

  it("that was sent before the wait counts, and so does one that was sent before the run began", async () => {
    const patience = new Patience();
    const { run } = await patience.engine.start(late.name, {});
    await patience.engine.signal(run.id, { name: "go" });
    await patience.pass(hour - second);
    expect(await patience.said(run.id)).toEqual([]);
    await patience.pass(second);
    expect(await patience.said(run.id)).toEqual([new Date(run.createdAt + hour).toISOString()]);
  });

  const several = pipeline({ name: "several_waits" }, async (_, run) => {
    const waits = [0, 1, 2].map(async (i) => run.log(`${i}: ${await run.waitFor("part", { schema: z.string() })}`));
    const other = run.waitFor("whole", { schema: z.string() }).then((value) => run.log(value));
    await Promise.all([...waits, other]);
    run.log(`last: ${await run.waitFor("part", { schema: z.string() })}`);
  });

  it("goes to the first wait of its name, in the order in which they came", async () => {
    const patience = new Patience();
    const run = await patience.start(several);
    await patience.signal(run, "part", "a");
    await patience.pass(1);
    await Promise.all(["b", "c"].map((value) => patience.engine.signal(run, { name: "part", value, id: value })));
    await patience.signal(run, "part", "d");
    await patience.signal(run, "whole", "all");
    expect(await patience.said(run)).toEqual(["0: a", "1: b", "2: c", "all", "last: d"]);
    expect((await patience.events(run)).flatMap((event) => (event.t === "waiting" ? [event.id] : []))).toEqual([
      "part",
      "part_2",
      "part_3",
      "whole",
      "part_4",
    ]);
  });

  it("that is sent again under its id is one", async () => {
    const patience = new Patience();
    const run = await patience.start(several);
    for (const value of ["a", "x", "y"]) await patience.signal(run, "part", value, "same");
    await patience.signal(run, "whole", "w", "same");
    await patience.signal(run, "part", "b", "other");
    expect(await patience.said(run)).toEqual(["0: a", "w", "1: b"]);
  });

  it("wakes a run that has isolated work under way", async () => {
    const patience = new Patience();
    const both = pipeline({ name: "signal_beside_work" }, async (_, run) => {
      const work = isolated.submit();
      await run.waitFor("go");
      run.log(String(await work.load()));
    });
    const run = await patience.start(both);
    await patience.signal(run, "go");
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed" } });
  });
});

describe("a time-out", () => {
  const Timed = z.object({ timeout: z.number() });
  const timed = pipeline({ name: "timed_wait", params: Timed }, async ({ timeout }, run) => {
    const began = run.now().getTime();
    const since = () => `after ${(run.now().getTime() - began) / second} s`;
    try {
      run.log(`${await run.waitFor("answer", { schema: z.number(), timeout })} ${since()}`);
    } catch (error) {
      run.log(`${(error as { code: string }).code} ${since()}`);
      run.log((error as Error).message);
    }
    await run.sleep("1h");
    run.log(since());
  });

  it("rejects with wait_timeout, which can be caught", async () => {
    const patience = new Patience();
    const run = await patience.start(timed, { timeout: 90 * second });
    await patience.pass(90 * second - 1);
    expect(await patience.said(run)).toEqual([]);
    await patience.pass(1);
    expect(await patience.said(run)).toEqual(["wait_timeout after 90 s", 'no signal "answer" came within 1 m 30 s']);
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "completed" } });
  });

  const polling = pipeline({ name: "polling_wait" }, async (_, run) => {
    for (let i = 0; i < 2; i++) {
      await run.sleep("1h");
      await run.waitFor("answer", { timeout: 0 }).then(
        () => run.log("there"),
        () => run.log("none"),
      );
    }
  });

  it("of zero gives a signal that is there, and rejects without one", async () => {
    const patience = new Patience();
    const run = await patience.start(polling);
    await patience.signal(run, "answer");
    await patience.ended(run);
    expect(await patience.said(run)).toEqual(["there", "none"]);
  });

  it("yields to a signal of the same moment", async () => {
    const patience = new Patience();
    const run = await patience.start(timed, { timeout: hour });
    await patience.pass(hour - second);
    // Nobody is woken: the turn finds it when the time is over.
    await patience.stores.state.sendSignal(run, { id: "1", name: "answer", text: "5", at: patience.clock.now() + second });
    await patience.pass(second);
    expect((await patience.said(run))[0]).toBe("5 after 3600 s");
  });

  it("does not come any more once a signal has", async () => {
    const patience = new Patience();
    const run = await patience.start(timed, { timeout: hour / 2 });
    await patience.signal(run, "answer", 5);
    await patience.ended(run);
    expect(await patience.said(run)).toEqual(["5 after 0 s", "after 3600 s"]);
  });

  it("runs on while refused signals come", async () => {
    const patience = new Patience();
    const run = await patience.start(timed, { timeout: hour });
    for (let i = 0; i < 5; i++) {
      await patience.pass(hour / 5 - 1);
      await patience.signal(run, "answer", "no number");
    }
    await patience.pass(5);
    expect((await patience.said(run)).at(-2)).toBe("wait_timeout after 3600 s");
  });

  const failing = pipeline({ name: "failing_timeout" }, async (_, run) => run.waitFor("answer", { timeout: "5s" }));

  it("that nobody catches fails the run", async () => {
    const patience = new Patience();
    const run = await patience.start(failing);
    expect(await patience.ended(run)).toMatchObject({ ended: { status: "failed", error: { code: "wait_timeout" } } });
  });
});

describe("what cannot be waited for", () => {
  const call = (how: (run: RunContext) => Promise<unknown>, name: string) => pipeline({ name }, async (_, run) => void (await how(run)));
  const wrong = (name: unknown, options?: unknown) => (run: RunContext) => run.waitFor(name as string, options as { timeout: "1s" });
  const wrongs: readonly (readonly [string, (run: RunContext) => Promise<unknown>, RegExp])[] = [
    ["no_name", wrong(undefined), /run\.waitFor: undefined is no name/],
    ["empty_name", wrong(""), /"" is no name/],
    ["dashed_name", wrong("a-b"), /"a-b" is no name/],
    ["long_name", wrong("a".repeat(200)), /is no name/],
    ["bad_timeout", wrong("a", { timeout: "soon" }), /run\.waitFor\("a"\): "soon" is no duration/],
    ["long_timeout", wrong("a", { timeout: "91d" }), /is no duration from 0 to 90 days/],
    ["unknown_option", wrong("a", { timout: "1s" }), /no option "timout" \(did you mean "timeout"\?\)/],
    ["no_options", wrong("a", null), /its options are null/],
    ["bad_schema", wrong("a", { schema: { type: "string" } }), /its schema is an object; give a Standard Schema/],
    ["bad_question", wrong("a", { question: 5 }), /its question is no text/],
    ["long_question", wrong("a", { question: "?".repeat(2_001) }), /at most 2000 characters/],
  ];
  const pipelines = new Map(wrongs.map(([name, how]) => [name, call(how, `wait_${name}`)]));

  test.each(wrongs)("%s", async (name, _, message) => {
    const patience = new Patience();
    const run = await patience.start({ name: pipelines.get(name)?.name ?? "" });
    expect(await patience.stores.state.readRun(run)).toMatchObject({
      ended: { status: "failed", error: { code: "bad_call", message: expect.stringMatching(message) } },
    });
  });

  const asynchronous = z.string().refine(async (text) => text.length > 3);
  const slow = call((run) => run.waitFor("word", { schema: asynchronous }), "wait_asynchronous");

  it("is a value of an asynchronous schema", async () => {
    const patience = new Patience();
    const run = await patience.start(slow);
    await patience.signal(run, "word", "long enough");
    expect(await patience.stores.state.readRun(run)).toMatchObject({
      ended: {
        status: "failed",
        error: { code: "bad_call", message: expect.stringContaining('run.waitFor("word"): its schema answered with a promise') },
      },
    });
  });

  const throwing = call(
    (run) =>
      run.waitFor("word", {
        schema: {
          "~standard": {
            version: 1,
            vendor: "test",
            validate(value) {
              if (value === "bad") throw new RangeError("not that");
              return { value };
            },
          },
        },
      }),
    "wait_throwing",
  );

  it("is one that a schema of another library throws at: it is refused like any other", async () => {
    const patience = new Patience();
    const run = await patience.start(throwing);
    await patience.signal(run, "word", "bad", "one");
    expect(await patience.lines(run)).toEqual([expect.stringContaining("RangeError: not that")]);
    await patience.signal(run, "word", "good");
    expect(await patience.hasEnded(run)).toBe(true);
  });
});
