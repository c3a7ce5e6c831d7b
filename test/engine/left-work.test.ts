import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { Turns } from "./turns.ts";

let turns: Turns;
/** Lets the work end that listens to nobody. */
let release: () => void;
let released: Promise<void>;
beforeEach(() => {
  turns = new Turns();
  ({ promise: released, resolve: release } = Promise.withResolvers<void>());
});

const deaf = step({ name: "deaf", output: z.number() }, async () => {
  await released;
  return 1;
});
const deafTo = step({ name: "deaf_to", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }) => {
  await released;
  return n;
});
const listening = step({ name: "listening", output: z.number() }, async (_, { signal }) => {
  await turns.clock.wait(1e9, signal);
  signal.throwIfAborted();
  return 1;
});
const isolated = pipeline({ name: "isolated_deaf" }, async () => deaf.with({ runtime: "isolated", timeout: "10s" })());
const inline = pipeline({ name: "inline_deaf" }, async () => deaf());
const concurrent = pipeline({ name: "concurrent_deaf" }, async () => deaf.submit());
const mapped = pipeline({ name: "mapped_deaf" }, async () => deafTo.map({ n: [1, 2, 3] }));
const polite = pipeline({ name: "polite" }, async () => listening());

/** Of each piece of work that was left: does it go on? */
async function goingOn(): Promise<readonly boolean[]> {
  const over = turns.left.map(() => false);
  for (const [i, work] of turns.left.entries()) {
    const end = () => (over[i] = true);
    work.then(end, end);
  }
  await turns.settle();
  return over.map((isOver) => !isOver);
}

describe("work that goes on although its attempt is over", () => {
  test("is told of where an isolated step ignores its timeout", async () => {
    await turns.start(isolated);
    await turns.take();
    await turns.runStep();
    expect(turns.wakes.map(({ wake }) => wake.seen?.outcome.status)).toEqual(["failed"]);
    expect(await goingOn()).toEqual([true]);
    release();
    expect(await goingOn()).toEqual([false]);
  });

  test.each([
    ["synchronous", inline],
    ["concurrent", concurrent],
    ["mapped", mapped],
  ])("is told of where a %s inline step's turn has lost the journal", async (_, pipe) => {
    await turns.start(pipe);
    const turn = turns.begin();
    await turns.clock.advance(1_000);
    // Its death was a false alarm.
    const other = turns.begin({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }) });
    await turns.settle();
    expect(await turns.pass(turn.end)).toBe("held");
    expect(await goingOn()).toEqual([true]);
    // By now it has had the time to listen.
    await turns.clock.advance(3_000);
    expect((await goingOn()).some(Boolean)).toBe(true);
    release();
    expect(await turns.pass(other.end)).toBe("ended");
    expect((await goingOn()).some(Boolean)).toBe(false);
    expect((await turns.record()).ended?.status).toBe("completed");
    expect((await turns.outcomes()).length).toBe(1);
  });

  test("soon ends where the step listens", async () => {
    await turns.start(polite);
    const turn = turns.begin();
    await turns.clock.advance(1_000);
    turns.begin({ wake: turns.wakeOf("crash", { dead: turn.invocation.id }) }).die();
    await turns.settle();
    await turns.take({ wake: turns.wakeOf("stop") });
    await turns.clock.advance(3_000);
    expect((await goingOn()).some(Boolean)).toBe(false);
  });

  test("is nothing where a turn ends as it should", async () => {
    release();
    await turns.start(inline);
    await turns.take();
    expect(turns.left).toEqual([]);
  });
});
