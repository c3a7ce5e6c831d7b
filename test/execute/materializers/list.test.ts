import { describe, expect, test } from "vitest";
import { MemoryArtifactStore } from "../../../src/adapters/memory/memory-artifact-store.ts";
import { loadArtifact, loadRefs } from "../../../src/execute/load-artifact.ts";
import { saveRefs } from "../../../src/execute/save-value.ts";
import type { ArtifactRef } from "../../../src/model/artifact.ts";
import { run } from "../attempt.ts";
import { saved } from "./saved.ts";

const artifacts = new MemoryArtifactStore();
let lists = 0;

function listOf(refs: readonly ArtifactRef[], inlineValues = 0): Promise<ArtifactRef> {
  const name = `map_${lists++}`;
  return saveRefs(
    refs,
    { id: `${run}.${name}.1.output`, key: `${run}/${name}/1/nonce0000000/output`, what: `the list of ${name}` },
    { artifacts, inlineValues },
  );
}

const refsOf = (values: readonly unknown[]) => Promise.all(values.map(async (value) => (await saved(value, {}, 0, artifacts)).ref));

describe("the list that a map gives", () => {
  test("loads as the array of its items' values, or one of them", async () => {
    const values = Array.from({ length: 1_100 }, (_, i) => ({ i }));
    const list = await listOf(await refsOf(values));
    expect(list).toMatchObject({ itemCount: 1_100, materializer: "list" });
    expect(await loadArtifact(list, undefined, { artifacts })).toEqual(values);
    expect(await loadArtifact(list, 1_099, { artifacts })).toEqual({ i: 1_099 });
  });

  test("gives its references without loading anything", async () => {
    const refs = await refsOf(["a", "b", "c", "d"]);
    const list = await listOf(refs, 100_000);
    expect(list.at).toHaveProperty("text");
    expect(await loadRefs(list, { artifacts })).toEqual(refs);
    expect(await loadRefs(list, { artifacts }, 1, 3)).toEqual(refs.slice(1, 3));
  });

  test("may be empty, and may hold lists", async () => {
    const empty = await listOf([]);
    expect(await loadArtifact(empty, undefined, { artifacts })).toEqual([]);
    const nested = await listOf([await listOf(await refsOf([1, 2])), empty]);
    expect(await loadArtifact(nested, undefined, { artifacts })).toEqual([[1, 2], []]);
    expect(await loadArtifact(nested, 0, { artifacts })).toEqual([1, 2]);
  });

  test("fails with the name of the item that is missing", async () => {
    const [here] = await refsOf(["here"]);
    const gone = await saved("gone");
    const list = await listOf([...(here ? [here] : []), gone.ref]);
    await expect(loadArtifact(list, undefined, { artifacts })).rejects.toMatchObject({
      code: "artifact_missing",
      message: expect.stringContaining(gone.ref.id),
    });
    expect(await loadArtifact(list, 0, { artifacts })).toBe("here");
  });
});
