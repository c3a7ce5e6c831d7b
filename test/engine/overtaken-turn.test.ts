import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { requestStop } from "../../src/record/run.ts";
import { Turns, type Turn } from "./turns.ts";

const Number = z.object({ n: z.number() });
const raise = step({ name: "raise", runtime: "isolated", input: Number, output: z.number() }, ({ n }) => n + 1);
const pairs = pipeline({ name: "pairs" }, async () => {
  const chain = async (n: number) => raise({ n: await raise({ n }) });
  await Promise.all([chain(0), chain(10)]);
});

let turns: Turns;
beforeEach(async () => {
  turns = new Turns();
  await turns.start(pairs);
  await turns.take();
  await turns.runStep();
  await turns.runStep();
});

const appends = (turn: Turn) => turn.asked.filter(({ verb }) => verb === "append").length;

describe("a turn that another one overtakes", () => {
  test("leaves the outcome that has woken it to that one, and tries no second append", async () => {
    const [first, second] = [turns.begin(), turns.begin()];
    expect(await Promise.all([first.end, second.end])).toEqual(["suspended", "held"]);
    expect([appends(first), appends(second)]).toEqual([1, 1]);
    expect(await turns.outcomes()).toEqual(["raise#1 completed", "raise_2#1 completed"]);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["raise_3", "raise_4"]);
  });

  test("is made up for by the turn after a faster one that dies over its entry", async () => {
    const [first, second] = [turns.begin(), turns.begin()];
    let died = false;
    // The faster one has written, and has not launched.
    while (!died && (await turns.entries()).length < 2) await Promise.resolve();
    first.die();
    died = true;
    expect(await second.end).toBe("held");
    await turns.take({ wake: turns.wakeOf("crash", { dead: first.invocation.id }) });
    turns.clock.advance(0);
    while (turns.launches.length > 0) await turns.runStep();
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("tries again where more than an outcome has woken it", async () => {
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    const [first, second] = [turns.begin(), turns.begin({ wake: turns.wakeOf("stop") })];
    await Promise.all([first.end, second.end]);
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("stopped");
  });
});
