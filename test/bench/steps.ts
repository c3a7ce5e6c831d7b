import type { Engine } from "../../src/engine/engine.ts";
import { runMs, withEmbeddedEngine, withMemoryEngine } from "./engines.ts";
import { measured, repeat, type Measure } from "./measure.ts";

/** What a step costs beside its own work. */
export async function stepMeasures(): Promise<readonly Measure[]> {
  const inline = (engine: Engine) => repeat(5, async () => (await runMs(engine, "inline_steps", { count: 200 })) / 200);
  const map = (engine: Engine) => repeat(5, async () => (await runMs(engine, "inline_map", { count: 1_000 })) / 1_000);
  const isolated = (engine: Engine) => repeat(5, async () => (await runMs(engine, "isolated_steps", { count: 100 })) / 100);
  const memory = await withMemoryEngine(async (engine) => [
    measured("inline.memory", "ms/step", await inline(engine)),
    measured("map1000.memory", "ms/item", await map(engine)),
  ]);
  const embedded = await withEmbeddedEngine(async (engine) => [
    measured("inline.embedded", "ms/step", await inline(engine)),
    measured("map1000.embedded", "ms/item", await map(engine)),
    measured("isolated.embedded", "ms/step", await isolated(engine)),
  ]);
  return [...memory, ...embedded];
}

/** A map's journal and turns do not grow with its items; time does, linearly. */
export async function largeMapMeasures(): Promise<readonly Measure[]> {
  const [small, large] = [await mapOf(10_000), await mapOf(100_000)];
  console.log(
    `map of 10,000: ${small.ms.toFixed(0)} ms, ${small.entries} entries, ${small.turns} turns; of 100,000: ${large.ms.toFixed(0)} ms (× ${(large.ms / small.ms).toFixed(1)}), ${large.entries} entries, ${large.turns} turns, heap grew by ${large.heapMb.toFixed(0)} MB`,
  );
  return [
    measured("map100000.journalEntries", "count", [large.entries]),
    measured("map100000.turns", "count", [large.turns]),
    measured("map100000.msPerItem", "ms/item", [large.ms / 100_000]),
  ];
}

async function mapOf(
  count: number,
): Promise<{ readonly ms: number; readonly entries: number; readonly turns: number; readonly heapMb: number }> {
  return withMemoryEngine(async (engine) => {
    const heap = process.memoryUsage().heapUsed;
    const from = performance.now();
    const { run } = await engine.start("inline_map", { count });
    const { ended } = await engine.ended(run.id);
    const ms = performance.now() - from;
    if (ended?.status !== "completed") throw new Error(`the map of ${count} ${ended?.status}: ${ended?.error?.message}`);
    return { ms, entries: ended.entries, turns: ended.totals.turns, heapMb: (process.memoryUsage().heapUsed - heap) / 2 ** 20 };
  });
}
