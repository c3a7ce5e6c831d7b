import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { requestStop } from "../../src/record/run.ts";
import { Turns } from "./turns.ts";

let turns: Turns;
beforeEach(() => (turns = new Turns()));

const work = step(
  { name: "work", input: z.object({ ms: z.number(), n: z.number().default(0) }), output: z.number() },
  async ({ ms, n }) => {
    await turns.clock.wait(ms);
    return n + 1;
  },
);
const isolated = work.with({ runtime: "isolated" });

describe("the hot wait", () => {
  const two = pipeline({ name: "two" }, async () => isolated({ ms: 0, n: await isolated({ ms: 0 }) }));
  const hot = { hotWaitMs: 1_000 };

  test("takes an outcome that comes in time, and leaves the wake of its finisher nothing to do", async () => {
    await turns.start(two);
    const turn = turns.begin({ in: turns.environment(hot) });
    await turns.settle();
    await turns.runStep();
    await turns.clock.advance(100);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["work_2"]);
    await turns.runStep();
    expect(await turns.pass(turn.end)).toBe("ended");
    const written = await turns.entries();
    expect(turns.wakes.map(({ wake }) => wake.seen?.id)).toEqual(["work", "work_2"]);
    for (const { wake } of turns.wakes.splice(0)) {
      const other = await turns.take({ wake });
      expect(other.asked.map(({ verb }) => verb)).not.toContain("append");
    }
    expect(await turns.entries()).toEqual(written);
  });

  test("costs the other turn no entry while it goes on", async () => {
    await turns.start(two);
    const turn = turns.begin({ in: turns.environment(hot) });
    await turns.settle();
    await turns.runStep();
    await turns.clock.advance(100);
    const written = await turns.entries();
    expect((await turns.take({ wake: turns.next() })).ended).toBe("suspended");
    expect(await turns.entries()).toEqual(written);
    expect(await turns.pass(turn.end)).toBe("suspended");
  });

  test("is over after its time, and without one the turn ends at once", async () => {
    await turns.start(two);
    const began = turns.clock.now();
    await turns.take();
    expect(turns.clock.now()).toBe(began);
    await turns.take({ wake: turns.wakeOf("outcome"), in: turns.environment(hot) });
    expect(turns.clock.now()).toBe(began + 1_000);
  });

  test("sees a stop request", async () => {
    await turns.start(two);
    const turn = turns.begin({ in: turns.environment(hot) });
    await turns.settle();
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    expect(await turns.pass(turn.end)).toBe("ended");
    expect((await turns.record()).ended).toMatchObject({ status: "stopped" });
    expect(await turns.outcomes()).toEqual(["work#1 cancelled"]);
  });

  test("gives way to a turn that was faster", async () => {
    await turns.start(two);
    const turn = turns.begin({ in: turns.environment(hot) });
    await turns.settle();
    await turns.runStep();
    expect((await turns.take()).ended).toBe("suspended");
    await turns.runStep();
    expect((await turns.take()).ended).toBe("ended");
    expect(await turns.pass(turn.end)).toBe("ended");
  });
});

describe("a timer", () => {
  const flaky = step(
    { name: "flaky", runtime: "isolated", retry: { maxRetries: 1, delay: "30s" }, output: z.number() },
    async (_, { attempt }) => {
      if (attempt === 1) throw new Error("not yet");
      return attempt;
    },
  );
  const delayed = pipeline({ name: "delayed" }, async () => {
    const retried = flaky.submit();
    await work({ ms: 27_000 });
    return retried;
  });

  test("that a live turn turned away is set again when that turn ends", async () => {
    await turns.start(delayed);
    const turn = turns.begin();
    await turns.settle();
    await turns.runStep();
    await turns.clock.advance(3_000);
    const timer = turns.wakes.find(({ wake }) => wake.reason === "timer");
    expect(timer?.delayMs).toBeGreaterThan(29_000);
    turns.wakes.length = 0;
    // By another clock it is time already.
    await turns.clock.advance(20_000);
    expect((await turns.take({ wake: timer?.wake ?? turns.wakeOf("timer") })).ended).toBe("held");
    expect(await turns.pass(turn.end)).toBe("suspended");
    const again = turns.wakes.filter(({ wake }) => wake.reason === "timer");
    expect(again).toHaveLength(1);
    expect(again[0]?.delayMs).toBeGreaterThan(0);
    turns.wakes.length = 0;
    await turns.clock.advance(again[0]?.delayMs ?? 0);
    await turns.take({ wake: again[0]?.wake ?? turns.wakeOf("timer") });
    await turns.runStep();
    await turns.take({ wake: turns.wakes.at(-1)?.wake ?? turns.wakeOf("outcome") });
    expect((await turns.record()).ended).toMatchObject({ status: "completed", outputs: { output: { at: { text: "2" } } } });
  });
});
