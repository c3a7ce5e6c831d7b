import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { sweep } from "../../src/engine/sweep.ts";
import type { RunId } from "../../src/model/id.ts";
import type { Wake } from "../../src/model/task.ts";
import { minute, Turns, type Launched } from "./turns.ts";

let turns: Turns;
let began: number;
beforeEach(() => {
  turns = new Turns();
  began = turns.clock.now();
});

/** Ends when the test says so. */
const steps = new Map<string, () => void>();
const slow = step({ name: "slow", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }, context) => {
  await new Promise<void>((resolve) => steps.set(context.step.id, resolve));
  return n;
});
const flaky = step({ name: "fails", runtime: "isolated", retry: { maxRetries: 1, delay: "7m" } }, async (_, { attempt }) => {
  if (attempt === 1) throw new Error("not yet");
});
const short = step({ name: "short", output: z.number() }, async () => {
  await turns.clock.wait(3 * minute);
  return 1;
});

const one = pipeline({ name: "one" }, async () => slow({ n: 1 }));
const two = pipeline({ name: "two_at_once" }, async () => [slow.submit({ n: 1 }), slow.submit({ n: 2 })]);
const retried = pipeline({ name: "retried" }, async () => {
  await flaky();
});
const mapped = pipeline({ name: "mapped" }, async () => slow.map({ n: [1, 2, 3, 4] }, { id: "m" }));
const lanes = pipeline({ name: "lanes" }, async () => slow.map({ n: [1, 2, 3, 4] }, { id: "m", maxConcurrency: 2 }));
const inlineToo = pipeline({ name: "inline_too" }, async () => {
  const beside = slow.submit({ n: 1 });
  await short();
  return [beside, short.submit()];
});

/** When the sweeper looks next, in minutes after the start. */
async function due(): Promise<number | undefined> {
  const at = (await turns.record()).due;
  return at === undefined ? undefined : (at - began) / minute;
}

/** Waits for the run to be due, and takes the sweeper's turn. */
async function swept(): Promise<number | undefined> {
  const at = (await turns.record()).due;
  if (at === undefined) throw new Error("the sweeper has nothing to look at");
  await turns.clock.advance(Math.max(0, at - turns.clock.now()));
  turns.wakes.length = 0;
  await sweep(turns.ports, (_, error) => {
    throw error;
  });
  expect(turns.wakes.map(({ wake }) => wake.reason)).toEqual(["sweep"]);
  await turns.take();
  return due();
}

/** Claims it, in an invocation that has so much time, and does not end it. */
async function claimed(launched: Launched | undefined, limitMs = 15 * minute): Promise<() => Promise<void>> {
  if (launched === undefined) throw new Error("nothing was launched");
  const running = turns.beginStep(launched, { until: turns.clock.now() + limitMs });
  await turns.settle();
  return async () => {
    steps.get(launched.task.key.id)?.();
    await turns.pass(running);
  };
}

const lookMs = 10_000 / minute;

describe("the sweeper's turn", () => {
  test("looks first a minute after the start", async () => {
    await turns.start(one);
    expect(await due()).toBe(1);
  });

  test("comes again when the place of a running step must be dead, so that ten minutes cost one turn", async () => {
    await turns.start(one);
    await turns.take();
    const end = await claimed(turns.launches[0]);
    expect(await swept()).toBe(15 + lookMs);
    await turns.clock.advance(10 * minute);
    turns.wakes.length = 0;
    await sweep(turns.ports, () => {});
    expect(turns.wakes).toEqual([]);
    await end();
    await turns.take();
    expect(await due()).toBeUndefined();
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("buries what is dead then, and not before", async () => {
    await turns.start(one);
    await turns.take();
    const [launched] = turns.launches;
    if (launched === undefined) throw new Error("nothing was launched");
    const place = { kind: "function" } as const;
    const claim = {
      status: "running",
      nonce: "of a dead one",
      invocation: "dead",
      startedAt: began,
      until: began + 5 * minute,
      place,
    } as const;
    await turns.ports.state.claim(launched.task.key, claim);
    expect(await swept()).toBe(5 + lookMs);
    expect(await turns.outcomes()).toEqual([]);
    await swept();
    expect(await turns.outcomes()).toEqual(["slow#1 step_lost"]);
  });

  test("comes again after a minute where an event may be lost, and then launches it again", async () => {
    await turns.start(one);
    await turns.take();
    turns.launches.length = 0;
    expect(await swept()).toBe(2);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["slow"]);
  });

  test("believes events for as long as they may take", async () => {
    turns = new Turns({ lostAfterMs: 10 * minute });
    await turns.start(one);
    await turns.take();
    turns.launches.length = 0;
    expect(await swept()).toBe(10);
    expect(turns.launches).toEqual([]);
    await swept();
    expect(turns.launches).toHaveLength(1);
  });

  test("comes for the first of several", async () => {
    await turns.start(two);
    await turns.take();
    await claimed(turns.launches[0]);
    await claimed(turns.launches[1], 9 * minute);
    expect(await swept()).toBe(9 + lookMs);
  });

  test("comes for a delayed attempt a minute after it was due, and begins it", async () => {
    await turns.start(retried);
    await turns.take();
    await turns.runStep();
    await turns.take();
    expect(turns.wakes).toEqual([{ wake: expect.objectContaining({ reason: "timer" }), delayMs: 7 * minute }]);
    expect(await swept()).toBe(8);
    expect(turns.launches).toEqual([]);
    await swept();
    expect(turns.launches.map(({ task }) => task.key.attempt)).toEqual([2]);
  });

  test("comes when a turn must be dead that holds the lease", async () => {
    await turns.start(inlineToo);
    const turn = turns.begin({ limitMs: 12 * minute });
    await turns.settle();
    turn.die();
    expect(await swept()).toBe(12 + lookMs);
    expect(await turns.outcomes()).toEqual([]);
  });

  test("comes soon for an inline step that a turn has left, whatever else runs", async () => {
    await turns.start(inlineToo);
    await turns.take({ limitMs: 5 * minute });
    await claimed(turns.launches[0]);
    const at = (await turns.record()).due ?? 0;
    turns.wakes.length = 0;
    await turns.clock.advance(Math.max(0, at - turns.clock.now()));
    // An operator that has the baton must not take it over, and its wake gets lost again.
    await turns.take({ wake: turns.wakeOf("sweep"), in: turns.environment({ leavesInline: true }) });
    expect(await due()).toBe((turns.clock.now() - began) / minute + 1);
  });

  test.each([
    ["an item of a map", mapped],
    ["the next item of a lane", lanes],
  ])("comes for %s whose event may be lost, whatever else of it runs", async (_, pipe) => {
    turns = new Turns({ lostAfterMs: 3 * minute });
    await turns.start(pipe);
    await turns.take();
    const [first] = turns.launches;
    const end = await claimed(first);
    await turns.clock.advance(minute);
    await end();
    for (const launched of turns.launches.slice(1)) {
      if (launched.task.key.id !== "m[2]") await claimed(launched);
    }
    turns.launches.length = 0;
    // Of the map all others run since its launch; of the lane the first item has ended after a minute.
    expect(await swept()).toBe(pipe === mapped ? 3 : 4);
    expect(turns.launches).toEqual([]);
    await swept();
    expect(turns.launches.map(({ task }) => task.key.id)).toContain("m[2]");
  });

  test("comes when the first item of a map must be dead", async () => {
    await turns.start(mapped);
    await turns.take();
    for (const [i, launched] of turns.launches.entries()) await claimed(launched, (10 - i) * minute);
    expect(await swept()).toBe(7 + lookMs);
  });

  test("moves nothing that was moved meanwhile", async () => {
    await turns.start(one);
    await turns.take();
    await claimed(turns.launches[0]);
    await turns.clock.advance(minute);
    const turn = turns.begin({ wake: turns.wakeOf("sweep") });
    await turns.ports.state.setDue(turns.run, began + minute, began + 3 * minute);
    expect(await turns.pass(turn.end)).toBe("suspended");
    expect(await due()).toBe(3);
  });

  test("is the only one that moves it", async () => {
    await turns.start(one);
    await turns.clock.advance(2 * minute);
    await turns.take();
    await turns.take({ wake: turns.wakeOf("outcome") });
    expect(await due()).toBe(1);
  });
});

describe("the sweeper", () => {
  test("goes on where one run cannot be woken", async () => {
    const runs: RunId[] = [];
    for (let i = 0; i < 3; i++) runs.push(await turns.start(one));
    await turns.clock.advance(minute);
    const woken: Wake[] = [];
    const failures: unknown[] = [];
    const wake = async (asked: Wake) => {
      if (asked.run === runs[1]) throw new Error("throttled");
      woken.push(asked);
    };
    await sweep({ ...turns.ports, turns: { wake } }, (run, error) => failures.push([run, String(error)]));
    expect(woken.map(({ run }) => run).toSorted()).toEqual([runs[0], runs[2]].toSorted());
    expect(failures).toEqual([[runs[1], "Error: throttled"]]);
  });
});
