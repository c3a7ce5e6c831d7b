import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { RunId } from "../../src/model/id.ts";
import { ManualClock, memoryStores, type MemoryEngine } from "../../src/testing.ts";
import { engineWith } from "./engines.ts";

async function entriesOf(engine: MemoryEngine, run: RunId): Promise<readonly JournalEntry[]> {
  return (await engine.state.readTail(run, -1)).entries;
}
async function completed(engine: MemoryEngine, name: string, params: object = {}): Promise<RunId> {
  const { run } = await engine.start(name, params);
  expect((await engine.ended(run.id)).ended).toMatchObject({ status: "completed" });
  return run.id;
}

const calls: string[] = [];
const N = z.object({ n: z.number() });
const square = step({ name: "square", input: N, output: z.number() }, ({ n }) => n * n);

describe("large inputs", () => {
  const size = step(
    { name: "size", input: z.object({ rows: z.array(z.string()), from: z.number().optional() }), output: z.number() },
    async ({ rows }) => {
      calls.push("size");
      return rows.join("").length;
    },
  );
  const rows = Array.from({ length: 5_000 }, (_, i) => `row ${i}`);
  const total = rows.join("").length;
  const gate = { isShut: true };
  const hold = step({ name: "hold_large" }, async () => {
    if (gate.isShut) await new Promise(() => {});
  });
  const spilling = pipeline({ name: "spilling" }, async () => {
    const first = await size({ rows });
    const [same, far] = [size.submit({ rows }), size.with({ runtime: "isolated" }).submit({ rows, from: first })];
    const all = await Promise.all([same, far]);
    await size.map({ rows: [rows, rows] });
    await hold();
    return [first, ...all];
  });

  it("lie in the artifact store, not in the journal, and are equal after a replay", async () => {
    const stores = memoryStores();
    const engine = engineWith({ stores });
    const { run } = await engine.start(spilling.name, {});
    for (
      let entries = await entriesOf(engine, run.id);
      !entries.some(({ events }) => events.some((event) => event.t === "launched" && event.id === "hold_large"));
      entries = await entriesOf(engine, run.id)
    )
      await new Promise(setImmediate);
    await engine.close();
    for (const entry of await entriesOf(engine, run.id)) expect(JSON.stringify(entry).length).toBeLessThan(10_000);
    gate.isShut = false;
    calls.length = 0;
    const again = engineWith({ stores });
    await again.resume(run.id);
    const { ended } = await again.ended(run.id);
    expect(ended).toMatchObject({ status: "completed" });
    expect(calls).toEqual([]);
    const [output] = [ended?.outputs["output"]].flat();
    expect(output?.at).toEqual({ text: String(total) });
  });
});

describe("an entry above 350 KB", () => {
  const wide = pipeline({ name: "wide_entry" }, async (_, { log }) => {
    const text = "x".repeat(7_000);
    log("before");
    const futures = Array.from({ length: 150 }, (_, n) => square.submit({ n, text } as never));
    log("after");
    await Promise.all(futures);
  });

  it("is split, and nothing of it is lost", async () => {
    const engine = engineWith();
    const run = await completed(engine, wide.name);
    const entries = await entriesOf(engine, run);
    for (const entry of entries) expect(JSON.stringify(entry).length).toBeLessThan(400_000);
    expect(entries[0]?.events.length).toBeLessThan(150);
    expect(entries.flatMap(({ events }) => events.filter((event) => event.t === "called"))).toHaveLength(150);
    expect((await engine.logs.read(run)).records.map(({ message }) => message)).toEqual(["before", "after"]);
  });
});

describe("a map of 100,000 items", () => {
  const many = pipeline({ name: "many_items" }, async () => {
    const list = square.map({ n: Array.from({ length: 100_000 }, (_, n) => n) });
    return list.chunk(99_999);
  });

  it("costs the run a constant number of entries and turns", async () => {
    const engine = engineWith();
    const run = await completed(engine, many.name);
    const entries = await entriesOf(engine, run);
    expect([entries.length <= 4, entries.at(-1)?.totals.turns, entries.at(-1)?.totals.called]).toEqual([true, 1, 100_000]);
    const record = await engine.ended(run);
    const [output] = [record.ended?.outputs["output"]].flat();
    expect(output).toMatchObject({ id: `${run}.square.1.output[99999]`, itemCount: 100_000 });
  });

  it("isolated, too", async () => {
    const isolated = square.with({ runtime: "isolated" });
    const far = pipeline(
      { name: "many_far" },
      async () => void (await isolated.map({ n: Array.from({ length: 2_000 }, (_, n) => n) }, { maxConcurrency: 100 })),
    );
    const engine = engineWith();
    const entries = await entriesOf(engine, await completed(engine, far.name));
    expect([entries.length <= 6, (entries.at(-1)?.totals.turns ?? 99) <= 6]).toEqual([true, true]);
  });
});

describe("caching", () => {
  const clock = new ManualClock();
  const stores = memoryStores();
  const read = step(
    { name: "read_it", input: z.object({ n: z.number(), from: z.unknown().optional() }), output: z.number(), cache: true },
    async ({ n }) => {
      calls.push(`read ${n}`);
      return n;
    },
  );
  const uncached = step(
    { name: "uncached", input: z.object({ n: z.number(), nonce: z.number() }), output: z.number() },
    async ({ n }) => n,
  );
  const caching = pipeline(
    { name: "caching", params: z.object({ n: z.number(), nonce: z.number(), cache: z.union([z.boolean(), z.string()]).optional() }) },
    async ({ n, nonce, cache }) => {
      const own = cache === undefined ? read : read.with({ cache: typeof cache === "string" ? { expiresAfter: cache as "1s" } : cache });
      const from = await uncached({ n, nonce });
      const first = await own({ n, from });
      await own.with({ runtime: "isolated" })({ n: n + 1 });
      await own.map({ n: [n + 2] });
      return first;
    },
  );
  const engine = () => engineWith({ stores, clock });
  const ran = async (params: object) => {
    calls.length = 0;
    const one = engine();
    const { run } = await one.start(caching.name, params);
    const record = await one.ended(run.id);
    expect(record.ended?.status).toBe("completed");
    const outcomes = (await entriesOf(one, run.id)).flatMap(({ events }) =>
      events.flatMap((event) => (event.t === "outcome" && event.id === "read_it" ? [event.outcome] : [])),
    );
    return { run: run.id, calls: [...calls].sort(), outcome: outcomes.at(-1) };
  };

  it("runs what is new, takes what is known and names its origin, in every scenario", async () => {
    const first = await ran({ n: 1, nonce: 1 });
    expect(first.calls).toEqual(["read 1", "read 2", "read 3"]);
    // Another run whose upstream made the same content under another name.
    const second = await ran({ n: 1, nonce: 2 });
    expect(second.calls).toEqual([]);
    expect(second.outcome).toMatchObject({ status: "cached", origin: { run: first.run, step: "read_it" } });
    const third = await ran({ n: 1, nonce: 3 });
    expect(third.outcome).toMatchObject({ status: "cached", origin: { run: first.run } });
    expect((await ran({ n: 11, nonce: 2 })).calls).toEqual(["read 11", "read 12", "read 13"]);
    expect((await ran({ n: 1, nonce: 2, cache: false })).calls).toEqual(["read 1", "read 2", "read 3"]);
  });

  it("expires", async () => {
    expect((await ran({ n: 100, nonce: 1, cache: "1h" })).calls).toHaveLength(3);
    await clock.advance(3_599_000);
    expect((await ran({ n: 100, nonce: 2, cache: "1h" })).calls).toEqual([]);
    await clock.advance(2_000);
    expect((await ran({ n: 100, nonce: 3, cache: "1h" })).calls).toHaveLength(3);
  });

  it("does not take what another code or schema made", async () => {
    expect((await ran({ n: 200, nonce: 1 })).calls).toHaveLength(3);
    await new Promise(setImmediate);
    const define = (output: z.ZodType<number, number>, twist: number) =>
      step(
        { name: "twisted", input: N, output, cache: true },
        twist === 0 ? async ({ n }) => (calls.push(`twisted ${n}`), n) : async ({ n }) => (calls.push(`twisted ${n}`), n + 1),
      );
    const run = async (output: z.ZodType<number, number>, twist: number) => {
      await new Promise(setImmediate);
      const twisted = define(output, twist);
      const twisting = definePipeline(twisted);
      calls.length = 0;
      await completed(engine(), twisting.name);
      return calls.length;
    };
    const definePipeline = (twisted: ReturnType<typeof define>) => pipeline({ name: "twisting" }, async () => twisted({ n: 1 }));
    expect(await run(z.number(), 0)).toBe(1);
    expect(await run(z.number(), 0)).toBe(0);
    expect(await run(z.number(), 1)).toBe(1);
    expect(await run(z.number().max(50), 1)).toBe(1);
  });
});

describe("delivery at_most_once", () => {
  const gate = { isShut: true };
  const pay = step({ name: "pay", output: z.string(), delivery: "at_most_once" }, async () => {
    calls.push("pay");
    if (gate.isShut) await new Promise(() => {});
    return "paid";
  });
  const paying = pipeline({ name: "paying", params: z.object({ runtime: z.enum(["inline", "isolated"]) }) }, async ({ runtime }) =>
    pay.with({ runtime })(),
  );

  it.each(["inline", "isolated"] as const)("an %s step whose process died fails, and does not run again", async (runtime) => {
    gate.isShut = true;
    calls.length = 0;
    const stores = memoryStores();
    const engine = engineWith({ stores });
    const { run } = await engine.start(paying.name, { runtime });
    while (calls.length === 0) await new Promise(setImmediate);
    await engine.close();
    gate.isShut = false;
    const again = engineWith({ stores });
    await again.resume(run.id);
    expect((await again.ended(run.id)).ended).toMatchObject({ status: "failed", error: { code: "step_interrupted", step: "pay" } });
    expect(calls).toEqual(["pay"]);
  });
});
