import { describe, expect, it } from "vitest";
import { pipeline } from "../../src/index.ts";
import { signalRun } from "../../src/engine/send-signal.ts";
import { memoryStores } from "../../src/testing.ts";
import { minute, Turns } from "./turns.ts";

const hour = 60 * minute;

const sleepers = pipeline({ name: "turn_sleepers" }, async (_, run) => {
  await Promise.all([run.sleep("1h"), run.sleep("2h"), run.sleep("2h"), run.sleep("3h")]);
});

/** What timers were set for, in minutes from the beginning, and how long each is delayed. */
function timers({ wakes }: Turns, begin: number): readonly string[] {
  return wakes.flatMap(({ wake: { reason, dueAt }, delayMs }) =>
    reason === "timer" ? [`at ${((dueAt ?? Number.NaN) - begin) / minute} in ${delayMs / minute}`] : [],
  );
}

describe("the timers of waits", () => {
  it("are set once for each moment, and one that comes in time sets no other", async () => {
    const turns = new Turns();
    const begin = turns.clock.now();
    await turns.start(sleepers);
    await turns.take();
    expect(timers(turns, begin)).toEqual(["at 60 in 60", "at 120 in 120", "at 180 in 180"]);
    await turns.clock.advance(hour);
    await turns.take();
    expect(timers(turns, begin)).toEqual(["at 120 in 120", "at 180 in 180"]);
  });

  it("that come early, by another clock, are set again for their time", async () => {
    const turns = new Turns();
    const begin = turns.clock.now();
    await turns.start(sleepers);
    await turns.take();
    await turns.clock.advance(hour - 6_000);
    await turns.take();
    expect(timers(turns, begin).at(-1)).toBe("at 60 in 0.1");
    expect(turns.wakes).toHaveLength(3);
  });

  it.each(["crash", "resume"] as const)("are all set again by a %s: its dead may have set none", async (reason) => {
    const turns = new Turns();
    const begin = turns.clock.now();
    await turns.start(sleepers);
    await turns.take();
    turns.wakes.length = 0;
    await turns.clock.advance(90 * minute);
    await turns.take({ wake: turns.wakeOf(reason) });
    expect(timers(turns, begin)).toEqual(["at 120 in 30", "at 180 in 90"]);
  });

  it("that a live turn may have turned away are set again by the next one", async () => {
    const turns = new Turns();
    const begin = turns.clock.now();
    await turns.start(sleepers);
    await turns.take();
    turns.wakes.length = 0;
    await turns.clock.advance(2 * hour - 3_000);
    await turns.take({ wake: turns.wakeOf("continue") });
    expect(timers(turns, begin)).toEqual(["at 120 in 0.05"]);
  });
});

describe("a signal", () => {
  const asking = pipeline({ name: "turn_asking" }, async (_, run) => {
    await run.sleep("1h");
    await run.waitFor("go", { timeout: "1d" });
  });

  it("that came before its wait was written down, and found nobody, is found by the turn that writes it", async () => {
    const stores = memoryStores();
    let before = async () => {};
    const state = new Proxy(stores.state, {
      get: (target, verb) => {
        const method: unknown = Reflect.get(target, verb, target);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          if (verb === "append") await before();
          return Reflect.apply(method, target, args) as unknown;
        };
      },
    });
    const turns = new Turns({ state });
    const run = await turns.start(asking);
    await turns.take();
    await turns.clock.advance(hour);
    before = async () => {
      before = async () => {};
      const record = await stores.state.readRun(run);
      await signalRun(record ?? expect.fail(), { name: "go" }, turns.ports);
    };
    expect((await turns.take()).ended).toBe("ended");
  });

  it("has the sweeper look soon, also where a sweep has just moved the time", async () => {
    const turns = new Turns();
    const run = await turns.start(asking);
    const record = await turns.ports.state.readRun(run);
    await turns.ports.state.setDue(run, record?.due, undefined);
    await turns.clock.advance(hour);
    await signalRun(record ?? expect.fail(), { name: "go" }, turns.ports);
    expect((await turns.ports.state.readRun(run))?.due).toBe(turns.clock.now() + minute);
  });

  it("to a run that has ended meanwhile looks for nobody", async () => {
    const turns = new Turns();
    const run = await turns.start(asking);
    const record = (await turns.ports.state.readRun(run)) ?? expect.fail();
    await turns.ports.state.finishRun(run, {
      status: "stopped",
      at: 1,
      outputs: {},
      totals: { turns: 1, called: 0, ended: {} },
      entries: 1,
      startedAt: 1,
    });
    await signalRun(record, { name: "go" }, turns.ports);
    expect(await turns.ports.state.readRun(run)).not.toHaveProperty("due");
  });
});

describe("a sweep of a run that waits", () => {
  const patient = pipeline({ name: "turn_patient" }, async (_, run) => run.waitFor("go"));
  const hasty = pipeline({ name: "turn_hasty" }, async (_, run) => run.waitFor("go", { timeout: "1d" }));

  async function dueAfterSweep(of: typeof patient): Promise<number | undefined> {
    const turns = new Turns();
    const run = await turns.start(of);
    const begin = turns.clock.now();
    await turns.take();
    await turns.clock.advance(minute);
    await turns.take({ wake: turns.wakeOf("sweep") });
    const due = (await turns.ports.state.readRun(run))?.due;
    return due === undefined ? undefined : due - begin;
  }

  it("is the last one where it waits for a signal, however long", async () => {
    expect(await dueAfterSweep(patient)).toBeUndefined();
  });

  it("is followed by one after its time-out, should the timer be lost", async () => {
    const due = await dueAfterSweep(hasty);
    expect(due).toBeGreaterThan(24 * hour);
    expect(due).toBeLessThan(31 * hour);
  });
});
