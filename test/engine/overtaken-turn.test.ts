import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import { requestStop } from "../../src/record/run.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns, type Turn } from "./turns.ts";

const Numbered = z.object({ n: z.number() });
const raise = step({ name: "raise", runtime: "isolated", input: Numbered, output: z.number() }, ({ n }) => n + 1);
const said = step({ name: "said", runtime: "isolated", input: Numbered.extend({ text: z.string() }), output: z.number() }, ({ n }) => n);
const pairs = pipeline({ name: "pairs" }, async () => {
  const chain = async (n: number) => raise({ n: await raise({ n }) });
  await Promise.all([chain(0), chain(10)]);
});

const sure = pipeline({ name: "sure" }, async () => {
  const [first, second, third] = [0, 1, 2].map((n) => raise.submit({ n }));
  await first;
  second?.cancel();
  await third;
});
const many = pipeline({ name: "many" }, async () => {
  const all = Array.from({ length: 60 }, (_, n) => said.submit({ n, text: "x".repeat(7_000) }));
  await Promise.all(all);
});

let turns: Turns;
/** Appends wait for this, and then come in the order in which they were asked for. */
let gate: PromiseWithResolvers<void>;
let onAppended: (entry: JournalEntry) => void | Promise<void>;

/** Two steps have ended, and two turns are asked for. */
beforeEach(async () => {
  const store = new MemoryStateStore();
  gate = Promise.withResolvers();
  gate.resolve();
  onAppended = () => {};
  const state = instead(store, {
    append: async (run, entry) => {
      await gate.promise;
      const written = await store.append(run, entry);
      if (written === "appended") await onAppended(entry);
      return written;
    },
  });
  turns = new Turns({ state });
  await turns.start(pairs);
  await turns.take();
  for (let i = 0; i < 2; i++) await turns.runStep();
  gate = Promise.withResolvers();
});

const appends = (turn: Turn) => turn.asked.filter(({ verb }) => verb === "append").length;

describe("a turn that another one overtakes", () => {
  test("leaves the outcome that has woken it to that one, and tries no second append", async () => {
    const [faster, slower] = [turns.begin(), turns.begin()];
    await turns.settle();
    gate.resolve();
    expect(await Promise.all([faster.end, slower.end])).toEqual(["suspended", "held"]);
    expect([appends(faster), appends(slower)]).toEqual([1, 1]);
    expect(await turns.outcomes()).toEqual(["raise#1 completed", "raise_2#1 completed"]);
    expect(turns.launches.map(({ task }) => task.key.id)).toEqual(["raise_3", "raise_4"]);
  });

  test("leaves it to whoever follows that one, where it dies over its entry", async () => {
    const [faster, slower] = [turns.begin(), turns.begin()];
    onAppended = () => faster.die();
    await turns.settle();
    gate.resolve();
    expect(await slower.end).toBe("held");
    expect(turns.launches).toEqual([]);
    await turns.take({ wake: turns.wakeOf("crash", { dead: faster.invocation.id }) });
    for (const launched of turns.launches.splice(0)) await turns.runStep(launched);
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("tries again where it was woken for what the other may not have read", async () => {
    const faster = turns.begin();
    await turns.settle();
    await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
    const slower = turns.begin({ wake: turns.wakeOf("stop") });
    await turns.settle();
    gate.resolve();
    expect(await Promise.all([faster.end, slower.end])).toEqual(["suspended", "ended"]);
    expect((await turns.record()).ended?.status).toBe("stopped");
  });
});

describe("a turn that has held others off or overtaken them", () => {
  test("reads what ended before its entry, also where a step that it gives up has ended, too", async () => {
    await turns.start(sure);
    gate.resolve();
    turns.wakes.length = 0;
    await turns.take({ wake: turns.wakeOf("start") });
    await turns.runStep();
    gate = Promise.withResolvers();
    const faster = turns.begin();
    await turns.settle();
    for (let i = 0; i < 2; i++) await turns.runStep();
    const slower = turns.begin();
    await turns.settle();
    gate.resolve();
    expect(await slower.end).toBe("held");
    expect(await faster.end).toBe("ended");
  });

  test("hears of a stop that came between two parts of its entry", async () => {
    await turns.start(many);
    turns.wakes.length = 0;
    gate.resolve();
    let other: string | undefined;
    onAppended = async () => {
      onAppended = () => {};
      await requestStop(turns.ports.state, await turns.record(), "enough", turns.clock.now());
      other = await turns.begin({ wake: turns.wakeOf("stop") }).end;
    };
    expect(await turns.begin({ wake: turns.wakeOf("start") }).end).toBe("ended");
    expect(other).toBe("held");
    expect((await turns.record()).ended?.status).toBe("stopped");
  });
});
