import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step, unmapped } from "../../src/index.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunId } from "../../src/model/id.ts";
import { memoryStores, openMemoryEngine, type MemoryEngine } from "../../src/testing.ts";

const calls: string[] = [];
/** Steps that hold never end in the process that dies. */
const dying = { is: true };

const Named = z.object({ name: z.string(), from: z.unknown().optional() });
const work = step({ name: "work", input: Named, output: z.string() }, async ({ name }, { attempt }) => {
  calls.push(attempt === 1 ? name : `${name} (attempt ${attempt})`);
  return name;
});
const far = work.with({ runtime: "isolated" });
const wait = step({ name: "wait", input: Named }, async ({ name }) => {
  calls.push(name);
  if (dying.is) await new Promise(() => {});
});
const once = step({ name: "once", input: Named, output: z.string(), delivery: "at_most_once" }, async ({ name }) => {
  calls.push(name);
  return name;
});

/** The pipeline's code as it is now: a module that is loaded again defines the same name at the same place. */
async function code(fn: () => Promise<unknown>): Promise<string> {
  await macrotask();
  pipeline({ name: "changing" }, fn as never);
  return "changing";
}

const stores = { current: memoryStores() };
const open: MemoryEngine[] = [];
function engineOf(codeVersion: string): MemoryEngine {
  const engine = openMemoryEngine({ stores: stores.current, codeVersion });
  open.push(engine);
  return engine;
}

async function journal(run: RunId): Promise<readonly RunEvent[]> {
  return (await stores.current.state.readTail(run, -1)).entries.flatMap((entry) => entry.events);
}

/** Runs the old code until `step` is at work, then the process "dies". */
async function died(fn: () => Promise<unknown>, at: string): Promise<RunId> {
  stores.current = memoryStores();
  calls.length = 0;
  dying.is = true;
  const engine = engineOf("old");
  const { run } = await engine.start(await code(fn), {});
  while (!calls.includes(at)) await macrotask();
  await engine.close();
  return run.id;
}

async function resumed(run: RunId, fn: () => Promise<unknown>, acceptCodeChange = false, isDying = false): Promise<MemoryEngine> {
  await code(fn);
  calls.length = 0;
  const engine = engineOf("new");
  dying.is = isDying;
  await engine.resume(run, { acceptCodeChange });
  return engine;
}

afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

const old = async () => {
  const a = await work({ name: "a" });
  const b = await far({ name: "b", from: a });
  await wait({ name: "hold" });
  return work({ name: "c", from: b });
};

describe("a resume with changed code that decides the same", () => {
  it("goes on, and finished steps do not run again", async () => {
    const run = await died(old, "hold");
    const engine = await resumed(run, async () => {
      const first = await work({ name: "a" });
      const second = await far({ name: "b", from: first });
      await wait({ name: "hold" });
      return work({ name: "c", from: second });
    });
    expect((await engine.ended(run)).ended).toMatchObject({ status: "completed", outputs: { output: { id: `${run}.work_3.1.output` } } });
    expect(calls).toEqual(["hold", "c"]);
    expect((await journal(run)).some((event) => event.t === "rebased")).toBe(false);
  });
});

describe("a resume with changed code that decides otherwise", () => {
  const changed = async () => {
    const a = await work({ name: "a" });
    await work({ name: "between" }, { id: "between" });
    const b = await far({ name: "b", from: a });
    await work({ name: "changed" }, { id: "wait" });
    return b;
  };

  it("is refused, and says what would be reused, run again, orphaned and new", async () => {
    const run = await died(async () => {
      const a = await work({ name: "a" });
      const b = await far({ name: "b", from: a });
      await work({ name: "orphan" }, { id: "orphan" });
      await wait({ name: "hold" });
      return b;
    }, "hold");
    await expect(resumed(run, changed)).rejects.toMatchObject({
      code: "code_changed",
      message: expect.stringMatching(/now decides otherwise: [^]*called step work as between[^]*--accept-code-change/),
      data: { reused: ["work"], rerun: [], orphaned: ["work_2", "orphan", "wait"], new: ["between"] },
    });
    expect(calls).toEqual([]);
    expect((await journal(run)).some((event) => event.t === "rebased" || event.t === "ended")).toBe(false);
  });

  it("goes on from there when it is accepted: what is the same is taken over, the rest runs, attempts count on", async () => {
    const run = await died(old, "hold");
    const engine = await resumed(run, changed, true);
    expect((await engine.ended(run)).ended).toMatchObject({ status: "completed", outputs: { output: { id: `${run}.work_2.1.output` } } });
    expect(calls).toEqual(["between", "changed (attempt 2)"]);
    const events = await journal(run);
    expect(events.filter((event) => event.t === "rebased")).toHaveLength(1);
    expect(events.flatMap((event) => (event.t === "launched" && event.id === "wait" ? [event.attempt] : []))).toEqual([1, 2]);
  });

  it("takes the same decisions in every later replay, and can change again", async () => {
    const run = await died(old, "hold");
    const holding = async () => {
      const a = await work({ name: "a" });
      await work({ name: "between" }, { id: "between" });
      const b = await far({ name: "b", from: a });
      await wait({ name: "hold again" }, { id: "again" });
      return b;
    };
    const second = await resumed(run, holding, true, true);
    while (!calls.includes("hold again")) await macrotask();
    await second.close();
    expect(calls).toEqual(["between", "hold again"]);

    calls.length = 0;
    const third = engineOf("third");
    await code(async () => {
      const a = await work({ name: "a" });
      await work({ name: "between" }, { id: "between" });
      const b = await far({ name: "b", from: a });
      await work({ name: "last", from: b }, { id: "last" });
      return b;
    });
    await expect(third.resume(run)).rejects.toMatchObject({
      code: "code_changed",
      data: { reused: ["work", "between", "work_2"], rerun: [], orphaned: ["again"], new: ["last"] },
    });
    await third.resume(run, { acceptCodeChange: true });
    expect((await third.ended(run)).ended).toMatchObject({ status: "completed" });
    expect(calls).toEqual(["last"]);
  });

  it("runs again what has the id of an old step, but another input", async () => {
    const run = await died(old, "hold");
    const engine = await resumed(
      run,
      async () => {
        const a = await work({ name: "other" });
        return far({ name: "b", from: a });
      },
      true,
    );
    expect((await engine.ended(run)).ended).toMatchObject({ status: "completed" });
    expect(calls).toEqual(["other (attempt 2)"]);
  });

  it("takes over what ended after the point of change, although it was called before", async () => {
    const run = await died(async () => {
      const late = work.submit({ name: "late" });
      const strict = once.submit({ name: "strict" });
      await work({ name: "a" });
      await work({ name: "b" });
      await Promise.all([late, strict]);
      await wait({ name: "hold" });
    }, "hold");
    const engine = await resumed(
      run,
      async () => {
        const late = work.submit({ name: "late" });
        const strict = once.submit({ name: "strict" });
        await work({ name: "other" }, { id: "other" });
        return [late, strict];
      },
      true,
    );
    expect((await engine.ended(run)).ended).toMatchObject({ status: "completed" });
    expect(calls).toEqual(["other"]);
  });

  it("takes finished maps over, and refuses to start one of the same id with other items", async () => {
    const mapping = async () => {
      await work.map({ name: ["x", "y"], from: unmapped(1) });
      await wait({ name: "hold" });
    };
    const run = await died(mapping, "hold");
    const before = async () => {
      await work({ name: "before" }, { id: "before" });
      return work.map({ name: ["x", "y"], from: unmapped(1) });
    };
    const engine = await resumed(run, before, true);
    expect((await engine.ended(run)).ended).toMatchObject({ status: "completed" });
    expect(calls).toEqual(["before"]);

    const other = await died(mapping, "hold");
    const again = await resumed(other, async () => work.map({ name: ["x", "z"], from: unmapped(1) }), true);
    expect((await again.ended(other)).ended).toMatchObject({
      status: "failed",
      error: { code: "code_changed", message: expect.stringContaining("an id of its own") },
    });
  });
});
