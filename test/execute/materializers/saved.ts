import { MemoryArtifactStore } from "../../../src/adapters/memory/memory-artifact-store.ts";
import { loadArtifact } from "../../../src/execute/load-artifact.ts";
import { saveValue, type SaveOptions } from "../../../src/execute/save-value.ts";
import type { ArtifactRef } from "../../../src/model/artifact.ts";
import type { ArtifactStore } from "../../../src/ports/artifact-store.ts";
import { run } from "../attempt.ts";

export interface Saved {
  readonly ref: ArtifactRef;
  readonly artifacts: ArtifactStore;
  load(item?: number): Promise<unknown>;
}

let saves = 0;

/** A value, saved as an output would be, in a store of its own. */
export async function saved(
  value: unknown,
  options: SaveOptions = {},
  inlineValues = 0,
  artifacts: ArtifactStore = new MemoryArtifactStore(),
): Promise<Saved> {
  const name = `value_${saves++}`;
  const target = { id: `${run}.${name}.1.output`, key: `${run}/${name}/1/nonce0000000/output`, what: `the output of step ${name}` };
  const ref = await saveValue(value, options, target, { artifacts, inlineValues });
  return { ref, artifacts, load: (item) => loadArtifact(ref, item, { artifacts }) };
}

export async function drained(source: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of source as AsyncIterable<unknown>) items.push(item);
  return items;
}
