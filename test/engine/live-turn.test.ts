import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, SkeinError, step } from "../../src/index.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { requestStop } from "../../src/record/run.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { minute, Turns } from "./turns.ts";

let turns: Turns;
/** Steps whose function was called, and pipeline functions. */
let ran: string[];
beforeEach(() => {
  turns = new Turns();
  ran = [];
});

const limitMs = 5 * minute;
const Takes = z.object({ ms: z.number(), n: z.number().default(0) });

/** Takes time. */
const work = step({ name: "work", input: Takes, output: z.number() }, async ({ ms, n }, context) => {
  ran.push(context.step.id);
  await turns.clock.wait(ms, context.signal);
  context.signal.throwIfAborted();
  return n + 1;
});
const once = work.with({ delivery: "at_most_once" });
const isolated = work.with({ runtime: "isolated" });

describe("a chain of inline steps that is longer than a turn", () => {
  const chain = pipeline({ name: "chain" }, async () => {
    ran.push("function");
    let last = await work({ ms: minute });
    for (let i = 1; i < 10; i++) last = await work({ ms: minute, n: last });
    return last;
  });

  test.each([
    ["the environment of the last turn", 1, 1],
    ["other environments", 4, 4],
    ["two environments in turn", 2, 4],
  ])("goes on in %s", async (_, environments, replays) => {
    const hosts = Array.from({ length: environments }, () => turns.environment());
    await turns.start(chain);
    let taken = 0;
    for (let end = "suspended"; end === "suspended"; taken++) {
      const turn = await turns.take({ limitMs, in: hosts[taken % environments] ?? turns.environment() });
      end = turn.ended;
      expect(turns.clock.now()).toBeLessThan(turn.invocation.until - 10_000);
      expect(turns.wakes).toEqual(end === "ended" ? [] : [{ wake: turns.wakeOf("continue"), delayMs: 0 }]);
      if (end === "suspended") expect(await turns.head()).toMatchObject({ wait: true, invocation: turn.invocation.id });
    }
    expect(taken).toBe(4);
    expect(ran.filter((what) => what === "function")).toHaveLength(replays);
    expect(ran.filter((what) => what !== "function")).toEqual(["work", ...Array.from({ length: 9 }, (__, i) => `work_${i + 2}`)]);
    expect((await turns.record()).ended).toMatchObject({
      status: "completed",
      outputs: { output: { at: { text: "10" } } },
      totals: { turns: 4 },
    });
  });
});

describe("concurrent inline steps that take more than a turn together", () => {
  /** Those that compute have the thread one after the other. */
  let thread: Promise<void>;
  beforeEach(() => (thread = Promise.resolve()));
  const computes = step({ name: "computes", output: z.number() }, async (_, context) => {
    ran.push(context.step.id);
    thread = thread.then(() => turns.clock.wait(5_000));
    await thread;
    return 1;
  });
  const many = pipeline({ name: "many" }, async () => {
    const all = Array.from({ length: 100 }, () => computes.submit());
    await Promise.all(all);
    return all;
  });

  test("wait for each other, and run once each, in several turns", async () => {
    await turns.start(many);
    expect(await turns.takeAll(() => ({ limitMs }))).toBe(3);
    expect(new Set(ran).size).toBe(100);
    expect(ran).toHaveLength(100);
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { ended: { completed: 100 } } });
  });

  test("begin all at once where there is time without end", async () => {
    await turns.start(many);
    turns.begin({ limitMs: 8e15 });
    await turns.settle();
    expect(ran).toHaveLength(100);
  });
});

describe("an inline step that may run at most once", () => {
  const late = pipeline({ name: "late" }, async () => {
    await work({ ms: 3 * minute });
    return once({ ms: minute });
  });
  const besides = pipeline({ name: "besides" }, async () => {
    const long = work.submit({ ms: 4 * minute });
    await work({ ms: 2.5 * minute });
    return [long, once.submit({ ms: minute })];
  });

  test.each([
    ["nothing runs", late, ["work", "work_2"]],
    ["another one still runs", besides, ["work", "work_2", "work_3"]],
  ])("runs in the next turn where it was decided too late while %s", async (_, pipe, steps) => {
    await turns.start(pipe);
    expect((await turns.take({ limitMs })).ended).toBe("suspended");
    expect(ran).toEqual(steps.slice(0, -1));
    expect((await turns.events()).filter((event) => event.t === "launched").map(({ id }) => id)).toEqual(steps);
    expect((await turns.take({ limitMs })).ended).toBe("ended");
    expect(ran).toEqual(steps);
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("is interrupted where its turn died over it", async () => {
    await turns.start(late);
    await turns.take({ limitMs });
    const turn = turns.begin({ limitMs });
    await turns.settle();
    turn.die();
    await turns.take({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }) });
    expect(ran).toEqual(["work", "work_2"]);
    expect(await turns.outcomes()).toEqual(["work#1 completed", "work_2#1 step_interrupted"]);
  });

  test("is not begun any more where the run was stopped meanwhile", async () => {
    await turns.start(late);
    await turns.take({ limitMs, in: turns.environment() });
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    expect((await turns.take()).ended).toBe("ended");
    expect(ran).toEqual(["work"]);
    expect(await turns.outcomes()).toEqual(["work#1 completed", "work_2#1 cancelled"]);
  });
});

describe("what was handed over and is not wanted any more", () => {
  const givesUp = pipeline({ name: "gives_up" }, async () => {
    const first = isolated.submit({ ms: 0 });
    await work({ ms: 3 * minute });
    const second = work.submit({ ms: minute });
    await first;
    second.cancel("no need");
    await Promise.allSettled([second]);
  });

  test("ends without having begun", async () => {
    const host = turns.environment();
    await turns.start(givesUp);
    await turns.take({ limitMs, in: host });
    await turns.runStep();
    while (turns.wakes.length > 0) await turns.take({ limitMs, in: host });
    expect(ran).toEqual(["work_2", "work"]);
    expect((await turns.outcomes()).toSorted()).toEqual(["work#1 completed", "work_2#1 completed", "work_3#1 stopped"]);
    expect((await turns.record()).ended?.status).toBe("completed");
  });
});

describe("an inline step with a timeout", () => {
  const hour = work.with({ timeout: "1h" });
  const patient = pipeline({ name: "patient" }, async () => {
    const failed: unknown[] = [];
    await hour({ ms: 0 }).catch((error: unknown) => failed.push(error instanceof SkeinError ? error.code : error));
    const { succeeded } = await hour.map({ ms: [0, 0, 0] }).settled();
    return [work.submit({ ms: failed.length }), succeeded];
  });
  const careless = pipeline({ name: "careless" }, async () => {
    const refused = hour.submit({ ms: 0 });
    await isolated({ ms: 0 });
    return refused;
  });
  const watching = pipeline({ name: "watching" }, async () => {
    await Promise.allSettled(await hour.map({ ms: [0, 0] }).items());
  });

  test("longer than a turn is refused, and so is each item of a map; the function may catch it", async () => {
    await turns.start(patient);
    expect((await turns.take({ limitMs })).ended).toBe("ended");
    expect((await turns.record()).ended).toMatchObject({
      status: "completed",
      totals: { called: 5, ended: { failed: 4, completed: 1 } },
    });
    expect((await turns.outcomes()).slice(0, 2)).toEqual(["work#1 inline_timeout_too_long", "work_2#1 inline_timeout_too_long"]);
    expect(ran).toEqual(["work_3"]);
  });

  test("is refused durably: the next turn knows of it without asking again", async () => {
    await turns.start(careless);
    await turns.take({ limitMs });
    expect(await turns.outcomes()).toEqual(["work#1 inline_timeout_too_long"]);
    await turns.runStep();
    await turns.take({ limitMs });
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "inline_timeout_too_long" } });
    expect((await turns.events()).filter((event) => event.t === "launched")).toHaveLength(2);
  });

  test("is refused for a map that the function looks into", async () => {
    await turns.start(watching);
    expect((await turns.take({ limitMs })).ended).toBe("ended");
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test.each([
    ["a timeout of all a turn's time", "290s", 70_000],
    ["a timeout of a part of it", "2m", 2 * minute],
    ["no timeout", undefined, 2 * minute],
    ["no timeout, where replay takes most of each turn", undefined, 4 * minute],
    ["a timeout, where replay takes most of each turn", "3m", 4 * minute],
  ] as const)("and %s begins at last", async (_, timeout, replayMs) => {
    const slow = slowToReplay(replayMs);
    await slow.start(fresh, timeout === undefined ? {} : { timeout });
    for (let taken = 0; slow.wakes.length > 0 && taken < 5; taken++) await slow.take({ limitMs, in: slow.environment() });
    expect((await slow.record()).ended?.status).toBe("completed");
  });
});

const fresh = pipeline({ name: "fresh", params: z.object({ timeout: z.literal(["290s", "2m", "3m"]).optional() }) }, async ({ timeout }) =>
  work.with(timeout === undefined ? {} : { timeout })({ ms: 1_000 }),
);

/** Reading a journal takes so long. */
function slowToReplay(ms: number): Turns {
  const state = new MemoryStateStore();
  const readTail: StateStore["readTail"] = async (run, after) => {
    const tail = await state.readTail(run, after);
    if (after < 0) await slow.clock.wait(ms);
    return tail;
  };
  const slow = new Turns({ state: instead<StateStore>(state, { readTail }) });
  return (turns = slow);
}

describe("a turn that an outcome wakes", () => {
  const squares = pipeline({ name: "looks_at_items" }, async () => {
    const map = work.map({ ms: [1, 2] });
    await map;
    const look = async () => {
      for (const item of await map.items()) await item;
    };
    await Promise.all([isolated({ ms: 1 }), look()]);
  });

  test("reads the items, too, that the function waits for and that an earlier turn had only in memory", async () => {
    await turns.start(squares);
    await turns.take();
    await turns.runStep();
    expect((await turns.take()).ended).toBe("ended");
  });
});

describe("a turn of a few seconds", () => {
  const close = pipeline({ name: "close" }, async () => work.with({ timeout: "4500ms" })({ ms: 4_400 }));

  test("gives a step the whole timeout that it lets it have", async () => {
    await turns.start(close);
    await turns.take({ limitMs: 6_000 });
    expect(await turns.outcomes()).toEqual(["work#1 completed"]);
  });
});
