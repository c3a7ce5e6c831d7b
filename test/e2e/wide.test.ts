import { beforeAll, describe, expect, test } from "vitest";
import { deployed, type Deployed } from "./deployed.ts";
import { endpoint, skipNote } from "./emulator.ts";

const items = 1_000;

describe.skipIf(endpoint === undefined)(`a wide map${skipNote}`, () => {
  let main: Deployed;
  beforeAll(() => {
    main = deployed("Main");
  });

  test(`of ${items} isolated steps gives ${items} right results, each from one attempt`, async () => {
    const run = await main.api.completed("squares", { items, maxConcurrency: 40 }, 180_000);
    expect(await main.api.values(run.id)).toEqual({ output: Array.from({ length: items }, (_, n) => n * n) });
    expect(run.steps).toEqual({ completed: items + 1 });

    const rows = (await main.state.attempts(run.id)).filter(({ sort }) => sort.startsWith("M#"));
    expect(new Set(rows.map(({ sort }) => sort)).size).toBe(items);
    expect(rows.filter(({ row }) => row.status !== "ended" || row.outcome.status !== "completed")).toEqual([]);
    // A map is one node of its run however wide: no turn and no entry for each item.
    expect(run.turns).toBeLessThanOrEqual(20);
    expect(run.journalEntries).toBeLessThanOrEqual(20);
  }, 240_000);
});
