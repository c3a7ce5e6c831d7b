import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { artifact } from "../../src/define/artifact-schema.ts";
import { materializer } from "../../src/define/custom-materializer.ts";
import { step } from "../../src/define/step.ts";
import { StoredArtifact } from "../../src/execute/artifact-reader.ts";
import { digestOf } from "../../src/execute/digest.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import { artifactFrom, place, taskOf } from "./attempt.ts";
import { saved } from "./materializers/saved.ts";

const csv = materializer<string[][]>({
  name: "csv",
  mediaType: "text/csv",
  save: (table) => ({ content: table.map((row) => row.join(",")).join("\n"), itemCount: table.length, metadata: { rows: table.length } }),
  load: async (reader) => (await reader.text()).split("\n").map((row) => row.split(",")),
});
step({ name: "table", output: artifact(z.array(z.array(z.string())), { materializer: csv }) }, () => [
  ["a", "b"],
  ["c", "d"],
]);

/** Counts whole reads. */
class CountingStore extends MemoryArtifactStore {
  gets = 0;

  override get(key: string): Promise<Uint8Array> {
    this.gets++;
    return super.get(key);
  }
}

describe("a materializer of the user's own", () => {
  test("saves and loads, items too", async () => {
    const { workplace } = place();
    const ref = await artifactFrom(taskOf("table"), workplace);
    expect(ref).toMatchObject({ materializer: "csv", mediaType: "text/csv", itemCount: 2, metadata: { rows: 2 } });
    expect(await loadArtifact(ref, undefined, workplace)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(await loadArtifact(ref, 1, workplace)).toEqual(["c", "d"]);
  });

  test("that no loaded module makes is named", async () => {
    const { ref, artifacts } = await saved(1);
    await expect(loadArtifact({ ...ref, materializer: "parquet" }, undefined, { artifacts })).rejects.toMatchObject({
      code: "materializer_missing",
      message: expect.stringContaining('"parquet"'),
    });
    await expect(saved(1, { materializer: "parquet" })).rejects.toMatchObject({ code: "materializer_missing" });
  });
});

describe("an artifact", () => {
  test("is fetched once, though it is loaded often", async () => {
    const artifacts = new CountingStore();
    const { load } = await saved({ a: 1 }, {}, 0, artifacts);
    expect([await load(), await load(), await load()]).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
    expect(artifacts.gets).toBe(1);
  });

  test("is the reader's own, also in parts: nobody else sees what a reader does to it", async () => {
    const { ref, artifacts } = await saved(new Uint8Array([1, 2, 3, 4]));
    const reader = new StoredArtifact(ref, { artifacts }, () => expect.unreachable());
    const digest = digestOf(new Uint8Array([2, 3]));
    for (let round = 0; round < 3; round++) {
      const part = await reader.range(1, 3, digest);
      expect(part).toStrictEqual(new Uint8Array([2, 3]));
      part.fill(0);
    }
  });

  test("may come in a buffer that holds more", async () => {
    const value = new Float64Array(1_200_000).fill(Math.PI);
    const artifacts = new MemoryArtifactStore();
    const { ref } = await saved(value, {}, 0, artifacts);
    const larger = Object.assign(new MemoryArtifactStore(), {
      get: async (key: string) => {
        const bytes = await artifacts.get(key);
        const room = new Uint8Array(bytes.length + 3);
        room.set(bytes, 3);
        return room.subarray(3);
      },
    });
    expect(await loadArtifact(ref, undefined, { artifacts: larger })).toStrictEqual(value);
  });

  test("that is large is not kept", async () => {
    const artifacts = new CountingStore();
    const { load } = await saved(new Uint8Array(9 * 1_048_576), {}, 0, artifacts);
    await load();
    await load();
    expect(artifacts.gets).toBe(2);
  });

  test("makes room for others when many are kept", async () => {
    const artifacts = new CountingStore();
    const large = await Promise.all(Array.from({ length: 6 }, (_, i) => saved(new Uint8Array(7 * 1_048_576).fill(i), {}, 0, artifacts)));
    for (const { load } of large) await load();
    await large[5]?.load();
    expect(artifacts.gets).toBe(6);
    await large[0]?.load();
    expect(artifacts.gets).toBe(7);
  });

  test("that is no list has no items, and a list none beyond its end", async () => {
    const { load } = await saved("text");
    await expect(load(0)).rejects.toMatchObject({ code: "artifact_item_out_of_range", message: expect.stringContaining("no list") });
    const list = await saved([1, 2]);
    for (const index of [2, -1, 0.5]) await expect(list.load(index)).rejects.toMatchObject({ code: "artifact_item_out_of_range" });
  });
});
