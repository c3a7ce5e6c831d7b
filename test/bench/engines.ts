import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openMemoryEngine } from "../../src/testing.ts";

const catalogue = fileURLToPath(new URL("catalogue.ts", import.meta.url));

/** Memory adapters and the same thread for everything: what the engine itself costs. */
export async function withMemoryEngine<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
  await import("./catalogue.ts");
  const engine = openMemoryEngine();
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** SQLite, files, threads and child processes, as users have them. */
export async function withEmbeddedEngine<T>(use: (engine: Engine, dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "skein-bench-"));
  const engine = await openEmbedded({ dir, catalogue });
  try {
    return await use(engine, dir);
  } finally {
    await engine.close();
    rmSync(dir, { recursive: true });
  }
}

/** Milliseconds from the start of a run to its end. */
export async function runMs(engine: Engine, pipeline: string, params: unknown): Promise<number> {
  const from = performance.now();
  const { run } = await engine.start(pipeline, params);
  const { ended } = await engine.ended(run.id);
  const took = performance.now() - from;
  if (ended?.status !== "completed") throw new Error(`${pipeline} ${ended?.status}: ${ended?.error?.message}`);
  return took;
}
