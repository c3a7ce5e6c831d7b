import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemoryEngine, type MemoryEngine } from "../../src/testing.ts";
import type { RunResource } from "../../src/observe/resources.ts";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { faultsFile, killOne, withFaults, type Fault } from "./faults.ts";
import { functionLog } from "./function-log.ts";
import { invokeFunction } from "./functions.ts";
import { mixed } from "./pipelines/faulty.ts";

const reason =
  endpoint !== undefined && faultsFile === undefined ? " (SKIPPED: EMULATOR_FAULTS is not set: no faults can be injected)" : skipNote;
const short = { chains: 2, length: 1, items: 4 };
/** Of these there is always one at work that can be killed. */
const long = { chains: 2, length: 4, items: 4 };
type Params = typeof short;
/** What was lost is found when a claim of ten seconds may be a dead one's, 20 s at the most: for as many losses in a row as never come. */
const patienceMs = 300_000;
const runs = 4;
/** Fewer of each kind of process than a step has retries: the last run alone would be hit each time, and would rightly run out of them. */
const kills = 8;

describe.skipIf(faultsFile === undefined || endpoint === undefined)(`runs under faults${reason}`, () => {
  let main: Deployed;
  let engine: MemoryEngine;
  beforeAll(() => {
    main = deployed("Main");
    engine = openMemoryEngine();
  });
  afterAll(() => engine.close());

  /** Sweeps all the time instead of once a minute, with the function that the schedule calls: what was lost is found sooner. */
  async function sweeping<T>(act: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const sweeps = (async () => {
      while (!over.signal.aborted) {
        await invokeFunction(main.functions.sweeper);
        await pause(1_000);
      }
    })();
    try {
      return await act();
    } finally {
      over.abort();
      await sweeps;
    }
  }

  async function startAll(params: Params): Promise<readonly string[]> {
    const started = await Promise.all(Array.from({ length: runs }, () => main.api.start("mixed", params)));
    return started.map(({ id }) => id);
  }

  async function allEnded(ids: readonly string[]): Promise<readonly RunResource[]> {
    return Promise.all(ids.map((id) => main.api.ended(id, patienceMs, 1_000)));
  }

  async function runAll(params: Params): Promise<readonly RunResource[]> {
    return allEnded(await startAll(params));
  }

  /** How many entries say more than that an attempt was launched: a run that crashes stands at the last of these. */
  async function progressOf(id: string): Promise<number> {
    return (await main.state.journal(id)).filter(({ events }) => events.some(({ t }) => t !== "launched")).length;
  }

  /** The right result, every step ended well, and no more than one outcome of each attempt: in its row, and in the journal. */
  async function expectAllRight(ended: readonly RunResource[], params: Params): Promise<void> {
    const { fromChains, fromItems, all } = await engine.run(mixed, params);
    const expected = { fromChains: await fromChains.load(), fromItems: await fromItems.load(), all: await all.load() };
    for (const { id, status, error } of ended) {
      expect({ id, status, error }).toEqual({ id, status: "completed", error: undefined });
      expect(await main.api.values(id)).toEqual(expected);
      const rows = await main.state.attempts(id);
      expect(rows.filter(({ row }) => row.status !== "ended")).toEqual([]);
      const good = rows
        .filter(({ row }) => row.status === "ended" && row.outcome.status === "completed")
        .map(({ sort }) => sort.replace(/#\d+$/, ""));
      expect(good.toSorted()).toEqual([...new Set(good)].toSorted());
      const seen = (await main.state.journal(id)).flatMap(({ events }) =>
        events.flatMap((event) => (event.t === "outcome" ? [`${event.id} ${event.attempt}`] : [])),
      );
      expect(seen.toSorted()).toEqual([...new Set(seen)].toSorted());
      expect((await main.state.record(id))?.ended?.status).toBe("completed");
    }
  }

  /** Waits until each run is further than `before`, or has ended; gives how far they are. */
  async function gotOn(ids: readonly string[], before: readonly number[], over: AbortSignal): Promise<readonly number[]> {
    for (;;) {
      const now = await Promise.all(ids.map(progressOf));
      const waiting = ids.filter((_, at) => (now[at] ?? 0) <= (before[at] ?? 0));
      const open = await Promise.all(waiting.map(async (id) => (await main.state.record(id))?.ended === undefined));
      if (over.aborted || !open.includes(true)) return now;
      await pause(50);
    }
  }

  /** How often each fault happened, to one function or to all. */
  function happened(faults: readonly Fault[], name?: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const fault of faults) if (name === undefined || fault.function === name) counts[fault.fault] = (counts[fault.fault] ?? 0) + 1;
    return counts;
  }

  /** A regular expression for the names of functions. */
  const named = (names: readonly string[]) => `^(${names.join("|")})$`;
  const ofRuns = () => named([main.functions.orchestrator, ...main.functions.operators]);

  test("every asynchronous event comes twice", async () => {
    let ended: readonly RunResource[] = [];
    const faults = await withFaults({ functions: ofRuns(), seed: 1, duplicate: 1 }, async () => void (ended = await runAll(short)));
    await expectAllRight(ended, short);
    // What ended well did so once.
    for (const { id } of ended)
      for (const { attempts } of await main.api.steps(id)) expect(attempts.filter(({ status }) => status !== "failed")).toHaveLength(1);
    expect(happened(faults, main.functions.orchestrator)["duplicate"]).toBeGreaterThanOrEqual(runs);
    expect(happened(faults)["duplicate"]).toBeGreaterThanOrEqual(runs * 10);
  }, 600_000);

  test("one event in five is lost, and some are late", async () => {
    let ended: readonly RunResource[] = [];
    const settings = { functions: ofRuns(), seed: 2, drop: 0.2, delay: 0.2, delaySeconds: 3 };
    const faults = await withFaults(settings, () => sweeping(async () => void (ended = await runAll(short))));
    await expectAllRight(ended, short);
    const { drop = 0, delay = 0 } = happened(faults);
    expect(drop).toBeGreaterThanOrEqual(5);
    expect(delay).toBeGreaterThanOrEqual(5);
  }, 600_000);

  test("step and orchestrator processes are killed in the middle", async () => {
    const { orchestrator, operators } = main.functions;
    const began = Date.now();
    const over = new AbortController();
    const ids = await startAll(long);
    const running = allEnded(ids).finally(() => over.abort());
    let before: readonly number[] = ids.map(() => -1);
    for (let kill = 0; kill < kills && !over.signal.aborted; kill++) {
      // A run whose orchestrator dies three times at one place ends, and rightly: all have got on before the next dies.
      before = await gotOn(ids, before, over.signal);
      for (const functions of [[orchestrator], operators]) {
        await killOne(named(functions), 2_000);
        await pause(400);
      }
    }
    await expectAllRight(await running, long);
    const deaths = async (name: string) => (await functionLog(name, began)).filter(({ text }) => text.includes("signal: killed")).length;
    expect(await deaths(orchestrator)).toBeGreaterThanOrEqual(2);
    expect((await Promise.all(operators.map(deaths))).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
  }, 600_000);
});
