import { beforeAll, describe, expect, test } from "vitest";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";
import { functionLog, invocationsOf } from "./function-log.ts";

/** Of the orchestrator of the stack `Versions` in `app.ts`. */
const turnLimitMs = 6_000;

describe.skipIf(endpoint === undefined)(`runs that are longer than a turn may be${skipNote}`, () => {
  let short: Deployed;
  let began: number;
  beforeAll(() => {
    short = deployed("Versions");
    began = Date.now();
  });

  test("60 isolated steps in a row, and work that never waits, cross many turns and end right", async () => {
    const [long, busy] = await Promise.all([
      short.api.completed("long_sum", { steps: 60, inlineEvery: 10, ms: 100 }, 120_000),
      short.api.completed("busy_sum", { steps: 70, ms: 150 }, 120_000),
    ]);
    expect(await short.api.values(long.id)).toEqual({ output: (60 * 61) / 2 + 6 * 1_000 });
    expect(await short.api.values(busy.id)).toEqual({ output: (70 * 71) / 2 });
    expect(long.steps).toEqual({ completed: 67 });
    // Both took longer than a turn may last, and nothing of what was done in one turn was done again in the next.
    for (const { id, turns, startedAt = "", endedAt = "" } of [long, busy]) {
      const lastedMs = Date.parse(endedAt) - Date.parse(startedAt);
      expect(lastedMs, `of ${id}`).toBeGreaterThan(turnLimitMs * 1.5);
      expect(turns, `of ${id}`).toBeGreaterThanOrEqual(lastedMs / turnLimitMs);
      for (const { id: step, attempts } of await short.api.steps(id)) expect(attempts, `${step} of ${id}`).toHaveLength(1);
    }
    expect(long.turns).toBeGreaterThan(10);

    // Turns ended of themselves, before their limit.
    const invocations = await invocationsOf(short.functions.orchestrator, began);
    expect(invocations.length).toBeGreaterThanOrEqual(long.turns + busy.turns);
    const log = await functionLog(short.functions.orchestrator, began);
    expect(log.filter(({ text }) => /Task timed out|Sandbox\.Timedout/.test(text))).toEqual([]);
  }, 150_000);
});
