import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { runStepAndTakeOn } from "../../src/engine/baton.ts";
import { noteStepDeath } from "../../src/engine/step-death.ts";
import { failureOf } from "../../src/model/error.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { minute, Turns, type Launched } from "./turns.ts";

let turns: Turns;
let ran: string[];
beforeEach(() => {
  turns = new Turns();
  ran = [];
});

const N = z.object({ n: z.number() });
const add = step({ name: "add", runtime: "isolated", input: N, output: z.number() }, async ({ n }) => n + 1);
const here = step({ name: "here", input: N, output: z.number(), delivery: "at_most_once", timeout: "10m" }, async ({ n }, context) => {
  ran.push(context.step.id);
  return n * 2;
});

const three = pipeline({ name: "three" }, async () => add({ n: await add({ n: await add({ n: 0 }) }) }));
const fork = pipeline({ name: "fork" }, async () => {
  const [a, b] = [add.submit({ n: 1 }), add.submit({ n: 2 })];
  await a;
  await b;
  return add({ n: a });
});
const mixed = pipeline({ name: "mixed" }, async () => here({ n: await add({ n: 1 }) }));
const beside = pipeline({ name: "beside" }, async () => [here.submit({ n: 1 }), add.submit({ n: 1 })]);

const orchestrator = () => turns.environment({ passesBaton: true });
const reason = failureOf(new Error("the function's process ended"));

/** A step operator that may take the next turn runs a launched step. */
function run(launched: Launched | undefined = turns.launches.shift(), limitMs = 15 * minute) {
  if (launched === undefined) throw new Error("nothing was launched");
  const { ports, die } = turns.mortalPorts();
  const invocation = turns.invocation(limitMs);
  const host = turns.environment({ leavesInline: true, passesBaton: true });
  const at = { ...ports, place: { kind: "function" } as const, until: invocation.until, signal: new AbortController().signal };
  return { end: runStepAndTakeOn(launched.task, at, { ports, invocation, host }), die };
}

describe("the baton", () => {
  test("goes from finisher to finisher while nothing else is outstanding, and nobody is woken", async () => {
    await turns.start(three);
    await turns.take({ in: orchestrator() });
    for (let i = 0; i < 3; i++) {
      expect(turns.launches.map(({ task }) => task.isAlone)).toEqual([true]);
      await turns.pass(run().end);
      expect(turns.wakes).toEqual([]);
    }
    expect((await turns.record()).ended).toMatchObject({ status: "completed", outputs: { output: { at: { text: "3" } } } });
  });

  test.each([
    ["two steps are outstanding", fork, orchestrator],
    ["an inline step runs", beside, orchestrator],
    ["the deployment wants none of it", three, () => turns.environment()],
  ])("is not passed where %s", async (_, pipe, host) => {
    await turns.start(pipe);
    await turns.take({ in: host() });
    const before = turns.wakes.length;
    expect(turns.launches.every(({ task }) => task.isAlone === undefined)).toBe(true);
    await turns.pass(run().end);
    expect(turns.wakes.slice(before)).toEqual([
      { wake: turns.wakeOf("outcome", { seen: expect.objectContaining({ attempt: 1 }) }), delayMs: 0 },
    ]);
  });

  test("is not passed by a turn that follows a crash", async () => {
    await turns.start(three);
    await turns.take({ in: orchestrator() });
    await turns.runStep();
    await turns.take({ wake: turns.wakeOf("crash", { dead: "another" }), in: orchestrator() });
    expect(turns.launches.map(({ task }) => [task.key.id, task.isAlone])).toEqual([["add_2", undefined]]);
  });

  test.each([
    [minute, []],
    [minute - 1, ["outcome"]],
  ])("is taken with no less than a minute left: %d ms", async (limitMs, wakes) => {
    await turns.start(three);
    await turns.take({ in: orchestrator() });
    await turns.pass(run(turns.launches.shift(), limitMs).end);
    expect(turns.wakes.map(({ wake }) => wake.reason)).toEqual(wakes);
    if (wakes.length > 0) await turns.take();
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["add_2"]);
  });

  test("leaves inline steps to the orchestrator, whatever time they need, and they run once", async () => {
    await turns.start(mixed);
    await turns.take({ in: orchestrator() });
    await turns.pass(run(turns.launches.shift(), 2 * minute).end);
    expect(ran).toEqual([]);
    expect(turns.wakes).toEqual([{ wake: turns.wakeOf("continue"), delayMs: 0 }]);
    expect(await turns.head()).toMatchObject({ wait: true });
    expect((await turns.take({ in: orchestrator() })).ended).toBe("ended");
    expect(ran).toEqual(["here"]);
    expect((await turns.record()).ended).toMatchObject({ status: "completed", outputs: { output: { at: { text: "4" } } } });
  });

  test("leaves inline steps that an earlier turn has left, too", async () => {
    await turns.start(beside);
    const first = turns.begin({ in: orchestrator() });
    await turns.settle();
    await turns.pass(first.end);
    const [launched] = turns.launches;
    if (launched === undefined) throw new Error("nothing was launched");
    await turns.pass(run({ ...launched, task: { ...launched.task, isAlone: true } }).end);
    expect((await turns.record()).ended?.status).toBe("completed");
    expect(ran).toEqual(["here"]);
  });
});

describe("a finisher that dies", () => {
  test("between its outcome and the turn is told of, and the run goes on with the outcome", async () => {
    const state = new MemoryStateStore();
    const end: StateStore["end"] = async (key, row) => {
      const won = await state.end(key, row);
      die();
      return won;
    };
    turns = new Turns({ state: instead<StateStore>(state, { end }) });
    await turns.start(three);
    await turns.take({ in: orchestrator() });
    const [launched] = turns.launches.splice(0);
    if (launched === undefined) throw new Error("nothing was launched");
    const { die } = run(launched);
    await turns.settle();
    expect(turns.wakes).toEqual([]);
    await noteStepDeath(launched.task, { reason }, turns.ports);
    await turns.takeAll(() => ({ in: orchestrator() }));
    expect(await turns.outcomes()).toEqual(["add#1 completed"]);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["add_2"]);
  });

  test("over the turn, between an entry and what that launches, is told of, and it is launched at once", async () => {
    const state = new MemoryStateStore();
    let kills = false;
    const append: StateStore["append"] = async (run, entry) => {
      const appended = await state.append(run, entry);
      if (kills) die();
      return appended;
    };
    turns = new Turns({ state: instead<StateStore>(state, { append }) });
    await turns.start(three);
    await turns.take({ in: orchestrator() });
    const [launched] = turns.launches.splice(0);
    if (launched === undefined) throw new Error("nothing was launched");
    kills = true;
    const { die } = run(launched);
    await turns.settle();
    kills = false;
    expect(await turns.outcomes()).toEqual(["add#1 completed"]);
    expect(turns.launches).toEqual([]);
    await noteStepDeath(launched.task, { reason }, turns.ports);
    await turns.takeAll(() => ({ in: orchestrator() }));
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["add_2"]);
  });
});
