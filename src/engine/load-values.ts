import { loadArtifact } from "../execute/load-artifact.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import type { RunArtifacts } from "../model/run.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";

/** Values above this, together, are not loaded into a report. */
const maxBytes = 1_000_000;

/** The values of those outputs that are JSON, by name; undefined where there are none or they are too long together. */
export async function loadValues(outputs: RunArtifacts, artifacts: ArtifactStore): Promise<Readonly<Record<string, unknown>> | undefined> {
  const loadable = Object.entries(outputs)
    .map(([name, refs]) => ({ name, refs: isList(refs) ? refs : [refs], isList: isList(refs) }))
    .filter(({ refs }) => refs.every(isJson));
  const bytes = loadable.flatMap(({ refs }) => refs).reduce((sum, ref) => sum + ref.bytes, 0);
  if (loadable.length === 0 || bytes >= maxBytes) return undefined;
  const values = loadable.map(async ({ name, refs, isList }) => {
    const loaded = await Promise.all(refs.map((ref) => loadArtifact(ref, undefined, { artifacts })));
    return [name, isList ? loaded : loaded[0]] as const;
  });
  return Object.fromEntries(await Promise.all(values));
}

function isList(value: ArtifactRef | readonly ArtifactRef[]): value is readonly ArtifactRef[] {
  return Array.isArray(value);
}

function isJson(ref: ArtifactRef): boolean {
  return ref.mediaType === "application/json";
}
