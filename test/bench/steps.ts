import type { Engine } from "../../src/engine/engine.ts";
import { runMs, withEmbeddedEngine, withMemoryEngine } from "./engines.ts";
import { measured, repeat, type Measure } from "./measure.ts";

/** Runs before those that count: an engine at work, not a process that compiles its first steps. */
const warmUp = 20;

/** What a step costs beside its own work: five runs of an engine that has been at work, and its very first one. */
export async function stepMeasures(): Promise<readonly Measure[]> {
  const perStep = (engine: Engine, pipeline: string, count: number) => async () => (await runMs(engine, pipeline, { count })) / count;
  const of = async (engine: Engine, name: string, pipeline: string, count: number, unit: Measure["unit"]): Promise<readonly Measure[]> => {
    const run = perStep(engine, pipeline, count);
    const first = await run();
    return [measured(name, unit, await repeat(5, run, warmUp)), measured(`${name}.firstRun`, unit, [first])];
  };
  const memory = await withMemoryEngine(async (engine) => [
    ...(await of(engine, "inline.memory", "inline_steps", 200, "ms/step")),
    ...(await of(engine, "map1000.memory", "inline_map", 1_000, "ms/item")),
  ]);
  const embedded = await withEmbeddedEngine(async (engine) => [
    ...(await of(engine, "inline.embedded", "inline_steps", 200, "ms/step")),
    ...(await of(engine, "map1000.embedded", "inline_map", 1_000, "ms/item")),
    ...(await of(engine, "isolated.embedded", "isolated_steps", 100, "ms/step")),
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
