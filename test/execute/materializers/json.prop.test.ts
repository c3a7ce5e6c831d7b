import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { saved } from "./saved.ts";

/** Whatever data a step may return. `__proto__` is no key of data. */
const data = fc.anything({
  key: fc.string().filter((key) => key !== "__proto__"),
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
  values: [
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.boolean(),
    fc.integer(),
    fc.constantFrom(null, undefined, Number.NaN, -0, "~", "~1", "\ud800", "\ufeffx"),
  ],
});

describe("json", () => {
  test("gives back every value, from the store and from the outcome", async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.constantFrom(0, 100_000), async (value, inlineValues) => {
        // Bytes and typed arrays are saved by other materializers unless told.
        const { ref, load } = await saved(value, { materializer: "json" }, inlineValues);
        expect(ref).toMatchObject({ materializer: "json", mediaType: "application/json" });
        expect(await load()).toStrictEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("gives back every item of an array, however often it is asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(data, { minLength: 1, maxLength: 8 }), async (list) => {
        const { ref, load } = await saved(list);
        expect(ref.itemCount).toBe(list.length);
        for (let round = 0; round < 3; round++) for (const [index, item] of list.entries()) expect(await load(index)).toStrictEqual(item);
      }),
      { numRuns: 100 },
    );
  });

  test("keeps cycles and shared parts", async () => {
    const node: { name: string; self?: unknown } = { name: "loop" };
    node.self = node;
    const loaded = (await (await saved([node, node])).load()) as { self: unknown }[];
    expect(loaded[0]?.self).toBe(loaded[0]);
    expect(loaded[1]).toBe(loaded[0]);
  });

  test("gives items that nobody else has", async () => {
    const { load } = await saved([{ n: 1 }, { n: 2 }]);
    const all = await Promise.all([load(0), load(0), load(0), load(0)]);
    expect(new Set(all).size).toBe(4);
  });

  test("reads numbers, text and objects as other programs do", async () => {
    const { ref, artifacts } = await saved({ a: [1, "é"] });
    expect("key" in ref.at && Buffer.from(await artifacts.get(ref.at.key)).toString()).toBe('{"a":[1,"é"]}');
  });

  test("refuses what is nested too deeply, instead of failing in an unknown place", async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    await expect(saved(deep)).rejects.toMatchObject({
      code: "unserializable_output",
      message: expect.stringContaining("nested too deeply"),
    });
  });
});
