import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { setImmediate as macrotask, setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { memoryStores } from "../../src/testing.ts";
import { ended, engineWith, journal, until } from "./engines.ts";

const N = z.object({ n: z.number() });
const double = step({ name: "double", input: N, output: z.number() }, async ({ n }) => n * 2);
const far = double.with({ runtime: "isolated" });

describe("a foreign asynchronous call in a pipeline function", () => {
  const foreign: Record<string, () => unknown> = {
    "a timer": () => sleep(5),
    setTimeout: () => new Promise((resolve) => setTimeout(resolve, 5)),
    setInterval: () => new Promise((resolve) => setInterval(resolve, 5)),
    setImmediate: () => new Promise((resolve) => setImmediate(resolve)),
    "a file operation": () => readFile(import.meta.filename),
    "an HTTP request": () => fetch("http://127.0.0.1:59999/"),
    "process.nextTick": () => new Promise((resolve) => process.nextTick(resolve)),
  };
  const afterwards: string[] = [];
  const trying = pipeline({ name: "foreign", params: z.object({ how: z.string() }) }, async ({ how }) => {
    await double({ n: 1 });
    await Promise.resolve(foreign[how]?.()).catch(() => {});
    afterwards.push(how);
    await double({ n: 2 });
  });

  it.each(Object.keys(foreign))("(%s) fails the run, naming it with file and line; nothing after it counts", async (how) => {
    const engine = engineWith();
    const { ended: end, id } = await ended(engine, trying.name, { how });
    const name = how.startsWith("set") && how !== "setImmediate" ? "a timer" : how;
    expect(end).toMatchObject({ status: "failed", error: { code: "foreign_async_call" } });
    expect(end?.error?.message).toMatch(new RegExp(`itself started (${name})`));
    expect(end?.error?.message).toMatch(/impure-functions\.test\.ts:\d+/);
    await sleep(30);
    expect((await journal(engine, id)).filter((event) => event.t === "called")).toHaveLength(1);
    if (how === "a timer" || how.startsWith("set")) expect(afterwards).not.toContain(how);
  });

  it("is no trouble in a step, nor is what needs no outside", async () => {
    const sleeping = step({ name: "sleeping" }, async () => {
      await sleep(2);
    });
    const fine = pipeline({ name: "fine" }, async () => {
      await Promise.all([sleeping(), sleeping.submit().result()]);
      await Promise.resolve().then(() => structuredClone({ a: 1 }));
      await new Promise<void>((resolve) => queueMicrotask(resolve));
      console.log("seen", { by: "nobody" });
    });
    expect((await ended(engineWith(), fine.name)).ended).toMatchObject({ status: "completed" });
  });
});

describe("what a pipeline function writes to the console", () => {
  it("is its log, from its first line on; the terminal is no foreign call", async () => {
    const script = `
      import { pipeline, step } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
      import { openMemoryEngine } from ${JSON.stringify(new URL("../../src/testing.ts", import.meta.url).href)};
      const note = step({ name: "note" }, async () => {});
      pipeline({ name: "talk" }, async () => {
        console.log("first");
        process.stdout.write("direct ");
        await note();
        console.error("last");
      });
      const engine = openMemoryEngine();
      const { run } = await engine.start("talk", {});
      const { ended } = await engine.ended(run.id);
      const { records } = await engine.logs.read(run.id);
      process.stdout.write([ended.status, ...records.map(({ message }) => message)].join(" "));
      await engine.close();
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", script]);
    expect(stdout).toBe("direct completed first last");
  });
});

describe("an impure decision that nobody can see", () => {
  const hold = { on: true };
  const gate = step({ name: "gate" }, async () => {
    if (hold.on) await new Promise(() => {});
  });
  const dice = { value: 1 };
  const impure = pipeline({ name: "impure" }, async () => {
    if (dice.value > 0) await double({ n: 1 });
    else await far({ n: 2 });
    await gate();
  });

  it("is found in the replay after a resume, with both sides named", async () => {
    const stores = memoryStores();
    const first = engineWith({ stores });
    const { run } = await first.start(impure.name, {});
    await until(() => first.turns.liveRuns.length > 0);
    for (
      let events = await journal(first, run.id);
      !events.some((event) => event.t === "launched" && event.id === "gate");
      events = await journal(first, run.id)
    )
      await macrotask();
    await first.close();
    hold.on = false;
    dice.value = 0;
    const second = engineWith({ stores });
    await second.resume(run.id);
    expect((await second.ended(run.id)).ended).toMatchObject({
      status: "failed",
      error: { code: "nondeterministic_pipeline", message: expect.stringMatching(/"n" was 1 and is 2.*run\.now\(\)/s) },
    });
  });
});

describe("a rejection that nobody awaits", () => {
  const stray = pipeline({ name: "stray_chain", params: z.object({ stray: z.boolean() }) }, async ({ stray }) => {
    const first = double({ n: 1 });
    if (stray) void first.then(() => Promise.reject(new TypeError("lost")));
    await first;
    await far({ n: 2 });
  });

  it("fails the run that it belongs to, not another one", async () => {
    const engine = engineWith();
    const [bad, good] = await Promise.all([ended(engine, stray.name, { stray: true }), ended(engine, stray.name, { stray: false })]);
    expect(bad.ended).toMatchObject({
      status: "failed",
      error: { code: "unawaited_failure", cause: { name: "TypeError", message: "lost" } },
    });
    expect(good.ended).toMatchObject({ status: "completed" });
  });

  it("of a step is a line in its log", async () => {
    const careless = step({ name: "careless" }, async () => {
      void Promise.reject(new RangeError("forgotten"));
      await sleep(5);
    });
    const using = pipeline({ name: "using_careless" }, async () => {
      await careless();
    });
    const engine = engineWith();
    const run = await ended(engine, using.name);
    expect(run.ended?.status).toBe("completed");
    expect((await engine.logs.read(run.id)).records).toMatchObject([
      { step: "careless", level: "error", message: expect.stringContaining("forgotten") },
    ]);
  });
});
