import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { noteStepDeath } from "../../src/engine/step-death.ts";
import { pipeline, step } from "../../src/index.ts";
import { addressOf } from "../../src/model/latch.ts";
import type { StoredAttempt, StateStore } from "../../src/ports/state-store.ts";
import { MemoryStateStore } from "../../src/testing.ts";
import { instead } from "../sim/hanging.ts";
import { Turns } from "./turns.ts";

let ran: number[];
const square = step({ name: "square", runtime: "isolated", input: z.object({ n: z.int() }), output: z.int(), cache: true }, ({ n }) => {
  ran.push(n);
  return n * n;
});
const Numbers = z.object({ of: z.array(z.int()) });
const squares = pipeline({ name: "squares", params: Numbers }, async ({ of }) => square.map({ n: of }, { maxConcurrency: 1 }));
const looking = pipeline({ name: "looking", params: Numbers }, async ({ of }) => {
  const map = square.map({ n: of }, { maxConcurrency: 1 });
  for (const item of await map.items()) await item;
  return map;
});

let turns: Turns;
let store: MemoryStateStore;
/** What a reader sees of a map's rows. */
let seen: (rows: readonly StoredAttempt[]) => readonly StoredAttempt[];
let settle: StateStore["settle"];

beforeEach(async () => {
  ran = [];
  store = new MemoryStateStore();
  seen = (rows) => rows;
  settle = (key, row) => store.settle(key, row);
  const readItems: StateStore["readItems"] = async (run, map, group) => seen(await store.readItems(run, map, group));
  turns = new Turns({ state: instead<StateStore>(store, { readItems, settle: (key, row) => settle(key, row) }) });
});

/** Runs all of these, so that the cache has them. */
async function square1(of: readonly number[]): Promise<void> {
  await turns.start(squares, { of });
  await turns.take();
  while (turns.launches.length > 0) await turns.runStep();
  await turns.takeAll();
  ran = [];
}

async function begin(pipe: typeof squares, of: readonly number[]): Promise<void> {
  await turns.start(pipe, { of });
  await turns.take();
}

const launched = () => turns.launches.map(({ task }) => task.key.id);
const shape = { id: "square", items: 4, width: 1 };

describe("a lane of a map", () => {
  test("goes on over items that the cache has, without running them", async () => {
    await square1([2, 3]);
    await begin(squares, [1, 2, 3, 4]);
    expect(launched()).toEqual(["square[0]"]);
    await turns.runStep();
    expect(launched()).toEqual(["square[3]"]);
    await turns.runStep();
    await turns.takeAll();
    expect(ran).toEqual([1, 4]);
    expect((await turns.record()).ended).toMatchObject({ status: "completed", totals: { ended: { completed: 2, cached: 2 } } });
  });

  test("is closed behind them", async () => {
    await square1([2, 3]);
    await begin(squares, [1, 2, 3]);
    await turns.runStep();
    await turns.takeAll();
    expect(ran).toEqual([1]);
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("tells of them, where the function looks at single items", async () => {
    await square1([2]);
    await begin(looking, [1, 2, 3, 4]);
    let wakesAtFirst: number | undefined;
    settle = (key, row) => {
      wakesAtFirst ??= turns.wakes.length;
      return store.settle(key, row);
    };
    await turns.runStep();
    expect(wakesAtFirst).toBe(1);
    expect(turns.wakes).toHaveLength(2);
    await turns.takeAll();
    while (turns.launches.length > 0) await turns.runStep();
    await turns.takeAll();
    expect((await turns.record()).ended?.status).toBe("completed");
  });

  test("goes on where its finisher has died over them", async () => {
    await square1([2, 3]);
    await begin(squares, [1, 2, 3, 4]);
    settle = (key, row) => {
      finisher.die();
      return store.settle(key, row);
    };
    const finisher = turns.mortalPorts();
    const [first] = turns.launches;
    void turns.beginStep(turns.launches.shift(), finisher.ports);
    await turns.settle();
    settle = (key, row) => store.settle(key, row);
    expect(launched()).toEqual([]);
    if (first === undefined) throw new Error("nothing was launched");
    await noteStepDeath(first.task, { reason: { name: "Error", message: "died" } }, turns.ports);
    expect(launched()).toEqual(["square[3]"]);
  });

  test("is not gone on with by a turn that finds in the cache what runs at this moment", async () => {
    await square1([2]);
    const [row] = await store.readItems(turns.run, { id: "square", items: 1, width: 1 });
    if (row?.row.status !== "ended" || row.row.place === undefined) throw new Error("nothing has run");
    await begin(squares, [1, 2, 3, 4]);
    const key = { run: turns.run, id: "square[0]", attempt: 1, item: addressOf(shape, 0) };
    const claim = { status: "running", nonce: "n", invocation: "i", startedAt: 1, until: Infinity, place: row.row.place } as const;
    await store.claim(key, claim);
    await store.end(key, { ...row.row, nonce: "n" });
    await store.claim({ ...key, id: "square[1]", item: addressOf(shape, 1) }, claim);
    turns.launches.length = 0;
    seen = (rows) => rows.filter(({ id }) => id !== "square[1]");
    await turns.take({ wake: turns.wakeOf("crash") });
    expect(launched()).toEqual([]);
  });
});
