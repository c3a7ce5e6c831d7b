import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../../src/adapters/memory/memory-artifact-store.ts";
import { loadArtifact } from "../../../src/execute/load-artifact.ts";
import { keyOf, tampered } from "../attempt.ts";
import { drained, saved } from "./saved.ts";

const items = { materializer: "items" } as const;

/** Counts what is read of it. */
class CountingStore extends MemoryArtifactStore {
  bytesRead = 0;

  override async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    const bytes = await super.getRange(key, start, end);
    this.bytesRead += bytes.length;
    return bytes;
  }
}

function* rows(count: number): Generator<{ readonly row: number; readonly at: Date }> {
  for (let row = 0; row < count; row++) yield { row, at: new Date(row) };
}

describe("items", () => {
  test("come back in order, from any iterable, as often as they are read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.anything({ withDate: true, withMap: true, withBigInt: true, key: fc.string().filter((key) => key !== "__proto__") }), {
          maxLength: 20,
        }),
        fc.constantFrom(0, 1_000_000),
        async (list, inlineValues) => {
          const { ref, load } = await saved(list.values(), items, inlineValues);
          expect(ref.itemCount).toBe(list.length);
          const loaded = await load();
          expect(await drained(loaded)).toStrictEqual(list);
          expect(await drained(loaded)).toStrictEqual(list);
          for (const [index, item] of list.entries()) expect(await load(index)).toStrictEqual(item);
        },
      ),
      { numRuns: 100 },
    );
  });

  test.each([0, 1, 511, 512, 513, 1_024, 1_025, 5_000])("of every number are found: %i", async (count) => {
    const { ref, load } = await saved(rows(count), items);
    expect(ref).toMatchObject({ itemCount: count, materializer: "items", mediaType: "application/vnd.skein.items" });
    expect(await drained(await load())).toEqual([...rows(count)]);
    for (const index of [0, 511, 512, count - 1].filter((i) => i >= 0 && i < count))
      expect(await load(index)).toEqual({ row: index, at: new Date(index) });
    await expect(load(count)).rejects.toMatchObject({ code: "artifact_item_out_of_range" });
  });

  test("are found among very many with few small reads", async () => {
    const artifacts = new CountingStore();
    const count = 512 * 512 + 5;
    const { load } = await saved(
      Array.from({ length: count }, (_, i) => i),
      items,
      0,
      artifacts,
    );
    for (const index of [0, 512 * 512 - 1, 512 * 512, count - 1]) expect(await load(index)).toBe(index);
    expect(artifacts.bytesRead).toBeLessThan(250_000);
  });

  test("are written as they come: nobody waits for the last one", async () => {
    const seen: string[] = [];
    const artifacts = Object.assign(new MemoryArtifactStore(), {
      put: async (_: string, content: AsyncIterable<Uint8Array>) => {
        for await (const chunk of content) seen.push(chunk.length > 60_000 ? "a chunk" : "the rest");
        return { stored: true, digest: "", bytes: 0 };
      },
    });
    const source = async function* () {
      for (let i = 0; i < 3; i++) {
        yield "x".repeat(70_000);
        seen.push(`after item ${i}`);
      }
    };
    await saved(source(), items, 0, artifacts);
    expect(seen.indexOf("a chunk")).toBeLessThan(seen.indexOf("after item 2"));
  });

  test("are checked one by one, and the source is closed at the first that does not fit", async () => {
    let closed = false;
    const source = async function* () {
      try {
        yield* [1, 2, "three", 4];
      } finally {
        closed = true;
      }
    };
    await expect(saved(source(), { ...items, item: z.number() })).rejects.toMatchObject({
      code: "invalid_output",
      message: expect.stringMatching(/^The output of step value_\d+: item 2 /),
    });
    expect(closed).toBe(true);
    expect(await drained(await (await saved([" a"], { ...items, item: z.string().trim() })).load())).toEqual(["a"]);
  });

  test("that cannot be stored are named", async () => {
    await expect(saved([1, { f: () => 1 }], items)).rejects.toMatchObject({ code: "unserializable_output", data: { path: "[1].f" } });
  });

  test("whose source fails fail with its error", async () => {
    const source = async function* () {
      yield* Array.from({ length: 3 }, () => "x".repeat(70_000));
      throw new RangeError("no more rows");
    };
    await expect(saved(source(), items)).rejects.toThrow(new RangeError("no more rows"));
  });
});

describe("a list whose bytes were altered", async () => {
  const count = 1_030;
  const { ref, artifacts } = await saved(rows(count), items);
  const expected = [...rows(count)];

  /** Reads the list until it fails, and checks that what came before was right. */
  async function failureOf(change: (bytes: Uint8Array) => Uint8Array): Promise<unknown> {
    const source = { artifacts: await tampered(artifacts, keyOf(ref), change) };
    const loaded = (await loadArtifact(ref, undefined, source)) as AsyncIterable<unknown>;
    let index = 0;
    try {
      for await (const item of loaded) expect(item).toEqual(expected[index++]);
    } catch (error) {
      await expect(loadArtifact(ref, index, source)).rejects.toMatchObject({ code: "artifact_altered" });
      return error;
    }
    return undefined;
  }

  test("never gives a wrong item, wherever the byte lies", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(ref.bytes - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        expect(await failureOf((bytes) => bytes.with(at, (bytes[at] ?? 0) ^ change))).toMatchObject({ code: "artifact_altered" });
      }),
      {
        numRuns: 60,
        examples: [
          [0, 1],
          [ref.bytes - 1, 1],
          [ref.bytes - 2, 4],
          [ref.bytes - 100, 32],
        ],
      },
    );
  });

  test("never gives a wrong item when it was cut off or moved", async () => {
    expect(await failureOf((bytes) => bytes.slice(0, -1))).toMatchObject({ code: "artifact_altered" });
    expect(await failureOf((bytes) => Buffer.concat([bytes.subarray(0, 10), bytes]))).toMatchObject({ code: "artifact_altered" });
    expect(
      await failureOf((bytes) => Buffer.concat([bytes.subarray(bytes.indexOf(10) + 1), bytes.subarray(0, bytes.indexOf(10) + 1)])),
    ).toMatchObject({ code: "artifact_altered" });
  });

  test("says so when its reference lost the place of its index", async () => {
    await expect(loadArtifact({ ...ref, metadata: {} }, 0, { artifacts })).rejects.toMatchObject({ code: "store_corrupt" });
  });
});
