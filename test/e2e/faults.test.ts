import { setTimeout as pause } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeAll, describe, expect, test } from "vitest";
import { openMemoryEngine } from "../../src/testing.ts";
import type { RunResource } from "../../src/observe/resources.ts";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { faultsFile, withFaults, type Fault, type FaultSettings } from "./faults.ts";
import { mixed } from "./pipelines/faulty.ts";

const reason = endpoint !== undefined && faultsFile === undefined ? " (SKIPPED: EMULATOR_FAULTS is not set: no faults can be injected)" : skipNote;
const params = { chains: 2, length: 2, items: 6 };
const runs = 6;

describe.skipIf(faultsFile === undefined || endpoint === undefined)(`runs under faults${reason}`, () => {
  const lambda = new LambdaClient({});
  let main: Deployed;
  let expected: unknown;
  beforeAll(async () => {
    main = deployed("Main");
    const engine = openMemoryEngine();
    const { fromChains, fromItems, all } = await engine.run(mixed, params);
    expected = { fromChains: await fromChains.load(), fromItems: await fromItems.load(), all: await all.load() };
    await engine.close();
  });

  /** Sweeps all the time instead of once a minute, with the function that the schedule calls: what was lost is found sooner. */
  async function sweeping<T>(act: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const sweeps = (async () => {
      while (!over.signal.aborted) {
        await lambda.send(new InvokeCommand({ FunctionName: main.functions.sweeper }));
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

  async function runUnder(settings: FaultSettings): Promise<{ readonly ended: readonly RunResource[]; readonly faults: readonly Fault[] }> {
    const ended: RunResource[] = [];
    const faults = await withFaults(settings, () =>
      sweeping(async () => {
        const started = await Promise.all(Array.from({ length: runs }, () => main.api.start("mixed", params)));
        ended.push(...(await Promise.all(started.map(({ id }) => main.api.ended(id, 150_000, 1_000)))));
      }),
    );
    return { ended, faults };
  }

  /** The right result, every step ended well, and no more than one outcome of each attempt: in its row, and in the journal. */
  async function expectAllRight(ended: readonly RunResource[]): Promise<void> {
    for (const { id, status, error } of ended) {
      expect({ id, status, error }).toEqual({ id, status: "completed", error: undefined });
      expect(await main.api.values(id)).toEqual(expected);
      const rows = await main.state.attempts(id);
      expect(rows.filter(({ row }) => row.status !== "ended")).toEqual([]);
      const good = rows.filter(({ row }) => row.status === "ended" && row.outcome.status === "completed").map(({ sort }) => sort.replace(/#\d+$/, ""));
      expect(good.toSorted()).toEqual([...new Set(good)].toSorted());
      const seen = (await main.state.journal(id)).flatMap(({ events }) => events.flatMap((event) => (event.t === "outcome" ? [`${event.id} ${event.attempt}`] : [])));
      expect(seen.toSorted()).toEqual([...new Set(seen)].toSorted());
      expect((await main.state.record(id))?.ended?.status).toBe("completed");
    }
  }

  /** How often each fault happened. */
  function happened(faults: readonly Fault[], which: RegExp): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { fault, function: name } of faults) if (which.test(name)) counts[fault] = (counts[fault] ?? 0) + 1;
    return counts;
  }

  const ofRuns = () => `^(${[main.functions.orchestrator, ...main.functions.operators].join("|")})$`;

  test("every asynchronous event comes twice", async () => {
    const { ended, faults } = await runUnder({ functions: ofRuns(), seed: 1, duplicate: 1 });
    await expectAllRight(ended);
    // Nothing was executed twice for it: one attempt for each step.
    for (const { id } of ended) for (const { attempts } of await main.api.steps(id)) expect(attempts).toHaveLength(1);
    expect(happened(faults, new RegExp(main.functions.orchestrator))["duplicate"]).toBeGreaterThanOrEqual(runs);
    expect(happened(faults, /./)["duplicate"]).toBeGreaterThanOrEqual(runs * 10);
  }, 200_000);

  test("one event in five is lost, and some are late", async () => {
    const { ended, faults } = await runUnder({ functions: ofRuns(), seed: 2, drop: 0.2, delay: 0.2, delaySeconds: 3 });
    await expectAllRight(ended);
    const { drop = 0, delay = 0 } = happened(faults, /./);
    expect(drop).toBeGreaterThanOrEqual(10);
    expect(delay).toBeGreaterThanOrEqual(10);
  }, 200_000);

  test("step and orchestrator processes are killed in the middle", async () => {
    const { ended, faults } = await runUnder({ functions: ofRuns(), seed: 3, crash: 0.2, crashSeconds: 0.4 });
    await expectAllRight(ended);
    expect(happened(faults, new RegExp(main.functions.orchestrator))["crash"]).toBeGreaterThanOrEqual(2);
    expect(main.functions.operators.reduce((sum, name) => sum + (happened(faults, new RegExp(name))["crash"] ?? 0), 0)).toBeGreaterThanOrEqual(5);
  }, 200_000);
});
