import { describe, expect, test } from "vitest";
import { flipped, keyOf, tampered } from "../attempt.ts";
import { loadArtifact } from "../../../src/execute/load-artifact.ts";
import { saved } from "./saved.ts";

const half: unknown = Reflect.construct(Reflect.get(globalThis, "Float16Array"), [[1.5, -2]]);
const arrays: readonly unknown[] = [
  new Int8Array([-1, 2]),
  new Uint8ClampedArray([1, 255]),
  new Int16Array([-300]),
  new Uint16Array([65_535]),
  new Int32Array([-70_000]),
  new Uint32Array([4_000_000_000]),
  new Float32Array([1.5]),
  new Float64Array([Math.PI, Number.NaN, -0]),
  new BigInt64Array([-1n]),
  new BigUint64Array([1n]),
  new DataView(new Uint8Array([1, 2, 3]).buffer),
  new Uint8Array([1, 2, 3]).buffer,
  half,
];

describe("typed arrays", () => {
  test.each(arrays.map((value) => [Object.prototype.toString.call(value), value]))(
    "come back as the kind that they were: %s",
    async (_, value) => {
      const { ref, load } = await saved(value);
      expect(ref).toMatchObject({ materializer: "typed_array", mediaType: "application/octet-stream" });
      expect(ref).not.toHaveProperty("itemCount");
      expect(await load()).toStrictEqual(value);
    },
  );

  test("hold what a view shows, not the buffer behind it", async () => {
    const { ref, load } = await saved(new Float64Array([1, 2, 3, 4]).subarray(1, 3));
    expect(ref.bytes).toBe(16);
    expect(await load()).toStrictEqual(new Float64Array([2, 3]));
  });

  test("may be empty", async () => {
    expect(await (await saved(new Float32Array())).load()).toStrictEqual(new Float32Array());
  });
});

describe("bytes", () => {
  test("are stored as they are and come back as a Uint8Array, a fresh one each time", async () => {
    const { ref, artifacts, load } = await saved(Buffer.from("abc"));
    expect(ref).toMatchObject({ materializer: "bytes", bytes: 3 });
    expect(await artifacts.get(keyOf(ref))).toStrictEqual(new Uint8Array([97, 98, 99]));
    const first = (await load()) as Uint8Array;
    first[0] = 0;
    expect(await load()).toStrictEqual(new Uint8Array([97, 98, 99]));
  });

  test("that were altered are refused", async () => {
    const { ref, artifacts } = await saved(new Uint8Array([1, 2, 3]));
    const other = await tampered(artifacts, keyOf(ref), flipped(2));
    await expect(loadArtifact(ref, undefined, { artifacts: other })).rejects.toMatchObject({ code: "artifact_altered" });
  });

  test("are nothing else", async () => {
    await expect(saved("abc", { materializer: "bytes" })).rejects.toMatchObject({ code: "unserializable_output" });
  });
});

describe("text", () => {
  test.each(["", "plain", "é😀\0", "\ufeffwith a mark"])("comes back as it was: %j", async (text) => {
    const inStore = await saved(text, { materializer: "text" });
    expect(inStore.ref.mediaType).toBe("text/plain");
    expect(await inStore.load()).toBe(text);
    expect(await (await saved(text, { materializer: "text" }, 1_000)).load()).toBe(text);
  });

  test("may say what it is", async () => {
    expect((await saved("<p>", { materializer: "text", mediaType: "text/html" })).ref.mediaType).toBe("text/html");
  });

  test("that UTF-8 cannot keep is refused", async () => {
    await expect(saved("\ud800", { materializer: "text" })).rejects.toMatchObject({ code: "unserializable_output" });
  });
});
