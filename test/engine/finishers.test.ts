import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { MapShape } from "../../src/model/task.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

const items = 12;
const lastItem = items - 1;
const maxRetries = 10;

const lastFails = step(
  { name: "last_fails", runtime: "isolated", input: z.object({ n: z.int() }), output: z.int(), retry: { maxRetries, delay: "1s" } },
  ({ n }) => {
    if (n === lastItem) throw new RangeError("no");
    return n;
  },
);
const mapped = pipeline({ name: "mapped" }, () => lastFails.map({ n: Array.from({ length: items }, (_, n) => n) }));

let turns: Turns;
let state: StateStore;
let groupReads: number;
/** What happens right after the next finisher has looked at its group, and before it goes on. */
let afterLook: (() => Promise<void>) | undefined;

beforeEach(async () => {
  const store = new MemoryStateStore();
  groupReads = 0;
  const readItems: StateStore["readItems"] = (run, map, group) => {
    if (group !== undefined) groupReads++;
    return store.readItems(run, map, group);
  };
  afterLook = undefined;
  const readGroup: StateStore["readGroup"] = async (...args) => {
    const group = await store.readGroup(...args);
    const meanwhile = afterLook;
    afterLook = undefined;
    await meanwhile?.();
    return group;
  };
  state = instead(store, { readItems, readGroup });
  turns = new Turns({ state });
  await turns.start(mapped);
  await turns.take();
});

async function mapStatus(): Promise<string | undefined> {
  const [row] = await state.readAttempts([{ run: turns.run, id: "last_fails", attempt: 1 }]);
  return row?.status === "ended" ? row.outcome.status : row?.status;
}

async function runItems(from: number, to: number): Promise<void> {
  for (const launched of turns.launches.splice(from, to - from)) await turns.runStep(launched);
}

describe("the finisher of an item", () => {
  test("reads the group's last rows alone while one of them has not ended", async () => {
    await runItems(0, lastItem);
    expect(groupReads).toBe(0);
    expect(await mapStatus()).toBeUndefined();
  });

  test("closes the map when the last item has used up its retries, whose rows are more than those", async () => {
    await runItems(0, lastItem);
    for (let attempt = 1; attempt <= maxRetries + 1; attempt++) {
      expect(await mapStatus()).toBeUndefined();
      await turns.runStep();
    }
    expect(await mapStatus()).toBe("failed");
  });

  test("closes it as well when another item is the last to end", async () => {
    await runItems(1, items);
    while (turns.launches.length > 1) await turns.runStep(turns.launches.pop());
    expect(await mapStatus()).toBeUndefined();
    await turns.runStep();
    expect(await mapStatus()).toBe("failed");
  });

  test("closes a map that was stopped, of which its item was to be retried", async () => {
    await runItems(0, lastItem);
    const shape: MapShape = { id: "last_fails", items, width: 1_000 };
    await state.flagMap(turns.run, shape, { stop: true });
    await turns.runStep();
    expect(turns.launches).toEqual([]);
    expect(await mapStatus()).toBe("failed");
  });

  test("closes such a map also where the other last item ends before that retry is given up", async () => {
    const [other] = turns.launches.splice(lastItem - 1, 1);
    await runItems(0, lastItem - 1);
    await state.flagMap(turns.run, { id: "last_fails", items, width: 1_000 }, { stop: true });
    afterLook = () => turns.beginStep(other);
    await turns.runStep();
    expect(await mapStatus()).toBe("failed");
  });
});
