import { describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { minute, Turns, type Turn } from "./turns.ts";

const never = () => new Promise<void>(() => {});

const kills = step({ name: "kills" }, never);
const killing = pipeline({ name: "killing" }, async () => {
  await kills();
});
const killsOne = step({ name: "kills_one", input: z.object({ n: z.number() }) }, never);
const killingMap = pipeline({ name: "killing_map" }, async () => {
  await killsOne.map({ n: [1, 2, 3] });
});
const isolated = step(
  { name: "isolated_step", runtime: "isolated", input: z.object({ n: z.number() }), output: z.number() },
  async ({ n }) => n + 1,
);
const plain = pipeline({ name: "plain" }, async () => {
  let last = await isolated({ n: 0 });
  for (let i = 1; i < 6; i++) last = await isolated({ n: last });
  return last;
});

/** A turn that is begun, gets as far as it can without time passing, and dies. */
async function dying(turns: Turns, options: Parameters<Turns["begin"]>[0] = {}): Promise<Turn> {
  const turn = turns.begin(options);
  await turns.settle();
  turn.die();
  return turn;
}

describe("crashes of turns", () => {
  test("end the run when three invocations died over the same inline step, which is not begun a fourth time", async () => {
    const turns = new Turns();
    await turns.start(killing);
    let { invocation } = await dying(turns);
    for (let i = 0; i < 2; i++) ({ invocation } = await dying(turns, { wake: turns.wakeOf("crash", { dead: invocation.id }) }));
    expect((await turns.record()).ended).toBeUndefined();
    expect((await turns.take({ wake: turns.wakeOf("crash", { dead: invocation.id }) })).ended).toBe("ended");
    expect((await turns.record()).ended).toMatchObject({ status: "failed", error: { code: "turn_crashed" } });
    expect(await turns.outcomes()).toEqual(["kills#1 step_interrupted"]);
  });

  test("end it without beginning the items of an inline map again", async () => {
    const turns = new Turns();
    await turns.start(killingMap);
    let { invocation } = await dying(turns);
    for (let i = 0; i < 2; i++) ({ invocation } = await dying(turns, { wake: turns.wakeOf("crash", { dead: invocation.id }) }));
    await turns.take({ wake: turns.wakeOf("crash", { dead: invocation.id }) });
    expect((await turns.record()).ended).toMatchObject({ error: { code: "turn_crashed" }, totals: { called: 3, ended: { cancelled: 3 } } });
  });

  test("count once for each invocation, however often its death is told", async () => {
    const turns = new Turns();
    await turns.start(plain);
    await turns.take();
    for (let i = 0; i < 5; i++) expect((await turns.take({ wake: turns.wakeOf("crash", { dead: "the same" }) })).ended).toBe("suspended");
    expect((await turns.record()).crashes?.invocations).toEqual(["the same"]);
  });

  test("of others take nothing from a turn that lives", async () => {
    const turns = new Turns();
    await turns.start(killing);
    turns.begin();
    await turns.settle();
    for (const dead of ["one", "two", "three"]) expect((await turns.take({ wake: turns.wakeOf("crash", { dead }) })).ended).toBe("held");
    expect((await turns.record()).crashes).toBeUndefined();
  });

  test("count where the function stands in memory too", async () => {
    const turns = new Turns();
    const host = turns.environment();
    await turns.start(plain);
    await turns.take({ in: host });
    for (const dead of ["first", "second"])
      expect((await turns.take({ wake: turns.wakeOf("crash", { dead }), in: host })).ended).toBe("suspended");
    expect((await turns.record()).crashes?.invocations).toEqual(["first", "second"]);
    await turns.take({ wake: turns.wakeOf("crash", { dead: "third" }), in: host });
    const halted = (await turns.events()).find((event) => event.t === "halted");
    expect(halted?.error.code).toBe("turn_crashed");
  });

  test("are forgotten when the run has come further", async () => {
    const turns = new Turns();
    await turns.start(plain);
    for (let i = 0; i < 6; i++) {
      await turns.take();
      const { seq } = (await turns.head()) ?? { seq: -1 };
      for (const dead of [`${seq} a`, `${seq} b`]) await turns.take({ wake: turns.wakeOf("crash", { dead }) });
      await turns.runStep(turns.launches.at(-1));
    }
    await turns.take();
    expect((await turns.record()).ended).toMatchObject({ status: "completed" });
  });
});

describe("a run that has gone on for too long", () => {
  test("by time, ends with what it waits for, without a call of its function", async () => {
    const turns = new Turns({ maxDurationMs: 60 * minute });
    const host = turns.environment();
    await turns.start(plain);
    await turns.take({ in: host });
    await turns.clock.advance(60 * minute);
    await turns.take({ wake: turns.wakeOf("sweep"), in: host });
    expect((await turns.events()).some((event) => event.t === "halted")).toBe(false);
    await turns.clock.advance(1);
    expect((await turns.take({ wake: turns.wakeOf("sweep"), in: host })).ended).toBe("ended");
    expect((await turns.record()).ended).toMatchObject({
      status: "failed",
      error: { code: "run_expired", message: expect.stringContaining("1 h 00 m") },
    });
  });

  test("by its number of turns, ends also where its function stands in memory", async () => {
    const state = new MemoryStateStore();
    const createRun: StateStore["createRun"] = (run) => state.createRun({ ...run, maxTurns: 3 });
    const turns = new Turns({ state: instead<StateStore>(state, { createRun }) });
    const host = turns.environment();
    await turns.start(plain);
    for (let i = 0; i < 3; i++) {
      expect((await turns.take({ in: host })).ended).toBe("suspended");
      await turns.runStep();
    }
    expect((await turns.take({ in: host })).ended).toBe("ended");
    expect((await turns.record()).ended?.error?.code).toBe("max_turns_exceeded");
  });
});
