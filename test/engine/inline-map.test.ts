import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step, unmapped } from "../../src/index.ts";
import { loadRefs } from "../../src/execute/load-artifact.ts";
import type { StateStore, StoredAttempt } from "../../src/ports/state-store.ts";
import { pageSteps } from "../../src/observe/step-page.ts";
import { requestStop } from "../../src/record/run.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { minute, Turns } from "./turns.ts";

let turns: Turns;
/** Attempts whose function was called, with the time since the start in minutes. */
let ran: { readonly what: string; readonly at: number }[];
let began: number;
beforeEach(() => {
  turns = new Turns();
  began = turns.clock.now();
  ran = [];
});

const limitMs = 5 * minute;

/** Takes its minutes; those of `fails` fail at their first attempt. */
const item = step(
  {
    name: "item",
    input: z.object({ n: z.number(), minutes: z.number().default(1), fails: z.array(z.number()).default([]) }),
    output: z.number(),
  },
  async ({ n, minutes, fails }, { attempt, signal }) => {
    ran.push({ what: `${n}#${attempt}`, at: (turns.clock.now() - began) / minute });
    await turns.clock.wait(minutes * minute, signal);
    signal.throwIfAborted();
    if (attempt === 1 && fails.includes(n)) throw new Error(`${n} fails`);
    return n * n;
  },
);
const numbers = Array.from({ length: 20 }, (_, n) => n);
const wide = { maxConcurrency: 2 };

const squares = pipeline({ name: "squares" }, async () => item.map({ n: numbers }, wide));
const squaresOnce = pipeline({ name: "squares_once" }, async () => item.with({ delivery: "at_most_once" }).map({ n: numbers }, wide));

async function rows(): Promise<readonly StoredAttempt[]> {
  return turns.ports.state.readItems(turns.run, { id: "item", items: 1_000, width: 1_000 });
}

/** What the list that the pipeline returned holds. */
async function result(): Promise<readonly unknown[]> {
  const { ended } = await turns.record();
  const output = ended?.outputs["output"];
  if (output === undefined || !("id" in output)) throw new Error(`the run has no output: ${JSON.stringify(ended)}`);
  return (await loadRefs(output, turns.ports)).map(({ at }) => ("text" in at ? JSON.parse(at.text) : at));
}

describe.each([
  ["at least once", squares],
  ["at most once", squaresOnce],
])("an inline map, %s", (delivery, pipe) => {
  test.each(["the same environment", "others"])("that takes several turns in %s runs each item once", async (where) => {
    const host = turns.environment();
    await turns.start(pipe);
    const taken = await turns.takeAll(() => ({ limitMs, in: where === "others" ? turns.environment() : host }));
    expect(taken).toBe(4);
    expect(ran.map(({ what }) => what)).toEqual(numbers.map((n) => `${n}#1`));
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { called: 20, ended: { completed: 20 } } });
    expect(await result()).toEqual(numbers.map((n) => n * n));
    expect((await rows()).map(({ attempt, row }) => [attempt, row.status])).toEqual(numbers.map(() => [1, "ended"]));
  });

  test("whose turn died begins none again that has ended, and of the others only what may run again", async () => {
    await turns.start(pipe);
    const turn = turns.begin({ limitMs });
    await turns.clock.advance(1.5 * minute);
    turn.die();
    // An operator that has the baton takes no inline step over, and does not hide that some may have run.
    await turns.take({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }), in: turns.environment({ leavesInline: true }) });
    await turns.takeAll(() => ({ limitMs }));
    const times = new Map<string, number>();
    for (const { what } of ran) times.set(what, (times.get(what) ?? 0) + 1);
    expect(times.get("0#1")).toBe(1);
    expect(times.get("2#1")).toBe(delivery === "at most once" ? 1 : 2);
    const ended = (await turns.record()).ended?.totals.ended;
    expect(ended).toEqual(delivery === "at most once" ? { completed: 2, failed: 18 } : { completed: 20 });
  });

  test("that was handed over begins no more once the run is stopped", async () => {
    await turns.start(pipe);
    await turns.take({ limitMs });
    const before = ran.length;
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    await turns.takeAll(() => ({ limitMs }));
    expect(ran).toHaveLength(before);
    expect((await turns.record()).ended).toMatchObject({
      status: "stopped",
      totals: { ended: { completed: before, cancelled: 20 - before } },
    });
  });
});

describe("retries of an inline map", () => {
  const retried = (name: string, delay: "30s" | "20m", timeout: "2m" | undefined) =>
    pipeline({ name }, async () =>
      item
        .with({ retry: { maxRetries: 2, delay }, ...(timeout === undefined ? {} : { timeout }) })
        .map({ n: numbers.slice(0, 8), fails: unmapped([2, 5, 7]) }, wide),
    );

  test.each([
    ["shorter than a turn", retried("soon", "30s", undefined), 0.5],
    ["shorter than a turn, with a timeout", retried("soon_timed", "30s", "2m"), 0.5],
    ["longer than a turn", retried("late", "20m", undefined), 20],
    ["longer than a turn, with a timeout", retried("late_timed", "20m", "2m"), 20],
  ])("after a delay %s come when they are due, and in their order", async (_, pipe, delay) => {
    await turns.start(pipe);
    const taken = await turns.takeAll(() => ({ limitMs }));
    expect(taken).toBeLessThan(8);
    expect(ran.map(({ what }) => what).toSorted()).toEqual([...numbers.slice(0, 8).map((n) => `${n}#1`), "2#2", "5#2", "7#2"].toSorted());
    for (const n of [2, 5, 7]) {
      const [first, second] = ran.filter(({ what }) => what.startsWith(`${n}#`)).map(({ at }) => at);
      expect(second).toBeGreaterThanOrEqual((first ?? 0) + 1 + delay);
      expect(second).toBeLessThan((first ?? 0) + 1 + delay + 5);
    }
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { ended: { completed: 8 } } });
    expect((await rows()).filter(({ attempt }) => attempt === 2).map(({ id }) => id)).toEqual(["item[2]", "item[5]", "item[7]"]);
    expect(await result()).toEqual(numbers.slice(0, 8).map((n) => n * n));
  });
});

describe("an item of an inline map that waits for its retry when the run is stopped", () => {
  const late = pipeline({ name: "stopped_retries" }, async () =>
    item.with({ retry: { maxRetries: 2, delay: "20m" } }).map({ n: numbers.slice(0, 6), fails: unmapped([4, 5]) }, wide),
  );

  test.each([
    ["in the turn that was to retry it", minute * 15],
    ["between turns", undefined],
  ])("%s has failed, in the totals and to who looks", async (_, afterMs) => {
    await turns.start(late);
    const turn = turns.begin({ limitMs: afterMs === undefined ? limitMs : 60 * minute });
    await turns.clock.advance(afterMs ?? limitMs);
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    await turns.clock.advance(minute);
    await turns.pass(turn.end);
    await turns.takeAll(() => ({ limitMs }));
    expect(ran.map(({ what }) => what)).toEqual(numbers.slice(0, 6).map((n) => `${n}#1`));
    expect((await turns.record()).ended).toMatchObject({ status: "stopped", totals: { ended: { completed: 4, failed: 2 } } });
    const { steps } = await pageSteps(turns.ports, turns.run, {}, turns.clock.now());
    const states = steps.map(({ id, status }) => `${id} ${status}`);
    expect(states).toEqual(numbers.slice(0, 6).map((n) => `item[${n}] ${n > 3 ? "failed" : "completed"}`));
  });
});

describe("a map whose items have a timeout", () => {
  const timed = pipeline({ name: "timed" }, async () => {
    await item.with({ timeout: "2m" })({ n: 99, minutes: 1.9 });
    return item.with({ timeout: "4m" }).map({ n: [0, 1], minutes: [3.9, 3.9] });
  });

  test("begins in a turn that has as much time for them", async () => {
    await turns.start(timed);
    expect(await turns.takeAll(() => ({ limitMs }))).toBe(2);
    expect(ran.map(({ what }) => what)).toEqual(["99#1", "0#1", "1#1"]);
    expect((await turns.record()).ended).toMatchObject({ status: "completed" });
  });
});

describe("isolated work beside an inline map", () => {
  const isolated = step({ name: "beside", runtime: "isolated", output: z.number() }, async () => 1);
  const both = pipeline({ name: "both" }, async () => {
    const beside = isolated.submit();
    const map = item.with({ retry: { maxRetries: 1, delay: "1h" } }).map({ n: [0, 1], fails: unmapped([1]) });
    return [isolated.submit({}, { after: beside }), map];
  });

  const plainBoth = pipeline({ name: "plain_both" }, async () => {
    const beside = isolated.submit();
    const map = item.map({ n: [0, 1, 2, 3] }, { maxConcurrency: 1 });
    return [isolated.submit({}, { after: beside }), map];
  });

  test("leaves it to the next turn, which is not held off, where its time runs out while an entry is on its way", async () => {
    const state = new MemoryStateStore();
    const append: StateStore["append"] = async (run, entry) => {
      if (entry.seq === 1) await turns.clock.wait(2 * minute);
      return state.append(run, entry);
    };
    turns = new Turns({ state: instead<StateStore>(state, { append }) });
    await turns.start(plainBoth);
    const turn = turns.begin({ limitMs });
    await turns.clock.advance(1.5 * minute);
    await turns.runStep();
    expect(await turns.pass(turn.end)).toBe("suspended");
    expect(ran.map(({ what }) => what)).toEqual(["0#1", "1#1", "2#1"]);
    expect(await turns.head()).toMatchObject({ wait: true });
    await turns.runStep();
    await turns.takeAll(() => ({ limitMs }));
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("does not wait for its retries, nor for the turn that makes them", async () => {
    const state = new MemoryStateStore();
    let isEnding = false;
    // Between the turn's last look and its last entry.
    const append: StateStore["append"] = async (run, entry) => {
      if (entry.wait && !isEnding) {
        isEnding = true;
        await turns.beginStep();
      }
      return state.append(run, entry);
    };
    turns = new Turns({ state: instead<StateStore>(state, { append }) });
    await turns.start(both);
    expect((await turns.take({ limitMs })).ended).toBe("suspended");
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["beside_2"]);
    expect(turns.wakes.map(({ wake }) => wake.reason)).toEqual(["outcome", "continue"]);
    expect(turns.wakes.at(-1)?.delayMs).toBeGreaterThan(50 * minute);
  });
});
