import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach } from "vitest";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunId } from "../../src/model/id.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { openMemoryEngine, type MemoryEngine, type MemoryEngineOptions } from "../../src/testing.ts";

const open: MemoryEngine[] = [];

/** An engine in memory that is closed after the test. */
export function engineWith(options: MemoryEngineOptions = {}): MemoryEngine {
  const engine = openMemoryEngine(options);
  open.push(engine);
  return engine;
}
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});

export async function ended(engine: MemoryEngine, name: string, params: object = {}): Promise<RunRecord> {
  const { run } = await engine.start(name, params);
  return engine.ended(run.id);
}

export async function journal(engine: MemoryEngine, run: RunId): Promise<readonly RunEvent[]> {
  return (await engine.state.readTail(run, -1)).entries.flatMap((entry) => entry.events);
}

export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await macrotask();
}
