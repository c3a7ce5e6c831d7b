import { createHash, hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import { artifactKeyContract } from "./artifact-key.contract.ts";
import { heldBytes } from "./held-bytes.ts";

/** What the suite needs of an adapter: a fresh, empty store for each test. */
export interface ArtifactStoreHarness {
  readonly store: ArtifactStore;
  /** Another handle on the same content, as another process would have. */
  readonly other: ArtifactStore;
  /** Names of what an unfinished put left behind: temporary files, open multipart uploads. */
  debris(): Promise<readonly string[]>;
  /** Removes what the harness made. */
  remove(): Promise<void>;
}

export interface ArtifactStoreTraits {
  /** Streams pass through without being held in memory as a whole. */
  readonly bounded: boolean;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const sha256 = (bytes: Uint8Array) => hash("sha256", bytes);
const key = "run_0abc/fit[3]/1/k3jd9s/model";

async function* stream(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield bytesOf(text);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}

/** The suite that every artifact store passes. */
export function artifactStoreContract(name: string, traits: ArtifactStoreTraits, open: () => Promise<ArtifactStoreHarness>): void {
  describe(`artifact store contract: ${name}`, () => {
    let harness: ArtifactStoreHarness;
    let store: ArtifactStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(async () => {
      await harness.store.close();
      await harness.other.close();
      await harness.remove();
    });

    describe("put", () => {
      test("stores absent bytes and answers their digest and count", async () => {
        const content = bytesOf("Grüße, 世界");
        expect(await store.put(key, content)).toEqual({ stored: true, digest: sha256(content), bytes: content.length });
        expect(textOf(await store.get(key))).toBe("Grüße, 世界");
        expect(textOf(await harness.other.get(key))).toBe("Grüße, 世界");
      });

      test("leaves present bytes as they are", async () => {
        await store.put(key, bytesOf("first"));
        const second = await harness.other.put(key, bytesOf("second, longer"));
        expect(second).toEqual({ stored: false, digest: sha256(bytesOf("second, longer")), bytes: 14 });
        expect(textOf(await store.get(key))).toBe("first");
      });

      test("says the same digest for the same bytes again, as after a lost response", async () => {
        const first = await store.put(key, bytesOf("same"));
        const again = await store.put(key, bytesOf("same"));
        const streamed = await harness.other.put(key, stream("sa", "me"));
        expect([first.stored, again.stored, streamed.stored]).toEqual([true, false, false]);
        expect(new Set([first.digest, again.digest, streamed.digest]).size).toBe(1);
      });

      test("consumes a stream whether or not it is stored", async () => {
        const consumed: string[] = [];
        async function* watched(label: string): AsyncGenerator<Uint8Array> {
          yield bytesOf("a");
          yield bytesOf("bc");
          consumed.push(label);
        }
        expect(await store.put(key, watched("absent"))).toEqual({ stored: true, digest: sha256(bytesOf("abc")), bytes: 3 });
        expect(await store.put(key, watched("present"))).toEqual({ stored: false, digest: sha256(bytesOf("abc")), bytes: 3 });
        expect(consumed).toEqual(["absent", "present"]);
      });

      test("takes empty content, as bytes and as streams of nothing and of empty chunks", async () => {
        const empty = { stored: true, digest: sha256(new Uint8Array()), bytes: 0 };
        expect(await store.put("empty/bytes", new Uint8Array())).toEqual(empty);
        expect(await store.put("empty/stream", stream())).toEqual(empty);
        expect(await store.put("empty/chunks", stream("", ""))).toEqual(empty);
        for (const which of ["empty/bytes", "empty/stream", "empty/chunks"]) {
          expect(await store.get(which)).toHaveLength(0);
          expect(await collect(store.getStream(which))).toHaveLength(0);
          expect(await store.getRange(which, 0, 10)).toHaveLength(0);
          expect(await store.has(which)).toBe(true);
        }
      });

      test("keeps its own copy of what it is given and of what it gives", async () => {
        const content = Buffer.from("precious");
        await store.put(key, content);
        content.fill(0);
        (await store.get(key)).fill(0);
        (await store.getRange(key, 0, 4)).fill(0);
        for await (const chunk of store.getStream(key)) chunk.fill(0);
        expect(textOf(await store.get(key))).toBe("precious");
      });

      test("takes a stream that yields one buffer over and over", async () => {
        const buffer = Buffer.alloc(3);
        async function* reusing(): AsyncGenerator<Uint8Array> {
          for (const text of ["abc", "def", "ghi"]) {
            buffer.write(text);
            yield buffer;
          }
        }
        const stored = await store.put(key, reusing());
        expect(textOf(await store.get(key))).toBe("abcdefghi");
        expect(stored.digest).toBe(sha256(bytesOf("abcdefghi")));
      });

      test("takes a view into a larger buffer", async () => {
        const view = bytesOf("before|middle|after").subarray(7, 13);
        await store.put(key, view);
        expect(textOf(await store.get(key))).toBe("middle");
      });

      test("stores one of 20 writers of one key, whole", async () => {
        const contents = Array.from({ length: 20 }, (_, i) => `writer ${i} `.repeat(500 * (i + 1)));
        const answers = await Promise.all(
          contents.map((text, i) => {
            const handle = i % 2 === 0 ? store : harness.other;
            return handle.put(key, i % 3 === 0 ? stream(text.slice(0, 100), text.slice(100)) : bytesOf(text));
          }),
        );
        expect(answers.map((a) => a.digest)).toEqual(contents.map((text) => sha256(bytesOf(text))));
        const winners = contents.filter((_, i) => answers[i]?.stored);
        expect(winners).toHaveLength(1);
        expect(sha256(await store.get(key))).toBe(sha256(bytesOf(winners[0] ?? "")));
        expect(await harness.debris()).toEqual([]);
      });

      test("leaves nothing behind when the stream fails, and the key stays free", async () => {
        async function* failing(): AsyncGenerator<Uint8Array> {
          yield bytesOf("half of ");
          throw new Error("the source broke");
        }
        await expect(store.put(key, failing())).rejects.toThrow("the source broke");
        expect(await store.has(key)).toBe(false);
        expect(await harness.debris()).toEqual([]);
        expect((await store.put(key, bytesOf("whole"))).stored).toBe(true);
        expect(textOf(await store.get(key))).toBe("whole");
      });

      test("leaves nothing behind when a large stream fails far in", async () => {
        const chunk = Buffer.alloc(1 << 20, 7);
        async function* failing(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 18; i++) yield chunk;
          throw new Error("broke after 18 MB");
        }
        await expect(store.put(key, failing())).rejects.toThrow("broke after 18 MB");
        expect(await store.has(key)).toBe(false);
        expect(await harness.debris()).toEqual([]);
      });

      test("refuses a stream of anything but bytes and ends it", async () => {
        let ended = false;
        async function* texts(): AsyncGenerator<Uint8Array> {
          try {
            yield JSON.parse('"text"');
          } finally {
            ended = true;
          }
        }
        await expect(store.put(key, texts())).rejects.toMatchObject({ code: "bad_option", message: expect.stringContaining("string") });
        expect(ended).toBe(true);
        expect(await store.has(key)).toBe(false);
        expect(await harness.debris()).toEqual([]);
      });
    });

    describe("reading", () => {
      test("gives ranges, cut where the bytes end", async () => {
        await store.put(key, bytesOf("0123456789"));
        const range = async (start: number, end: number) => textOf(await store.getRange(key, start, end));
        expect(await range(0, 3)).toBe("012");
        expect(await range(4, 5)).toBe("4");
        expect(await range(0, 10)).toBe("0123456789");
        expect(await range(8, 1_000_000)).toBe("89");
        expect(await range(10, 12)).toBe("");
        expect(await range(500, 600)).toBe("");
        expect(await range(5, 5)).toBe("");
      });

      test.each([
        [-1, 3],
        [3, 2],
        [0.5, 3],
        [0, Number.NaN],
        [0, Infinity],
      ])("refuses the range %s to %s", async (start, end) => {
        await store.put(key, bytesOf("0123456789"));
        await expect(store.getRange(key, start, end)).rejects.toMatchObject({ code: "bad_option", message: expect.stringContaining(key) });
      });

      test("says artifact_missing and names the key where there is nothing", async () => {
        const missing = { code: "artifact_missing", message: expect.stringContaining("run_0abc/none/1/n/out") };
        const absent = "run_0abc/none/1/n/out";
        await store.put("run_0abc/some/1/n/out", bytesOf("x"));
        await expect(store.get(absent)).rejects.toMatchObject(missing);
        await expect(store.getRange(absent, 0, 4)).rejects.toMatchObject(missing);
        await expect(store.getRange(absent, 2, 2)).rejects.toMatchObject(missing);
        await expect(collect(store.getStream(absent))).rejects.toMatchObject(missing);
        await expect(store.get("run_0abc/some/1")).rejects.toMatchObject({ code: "artifact_missing" });
        await expect(store.get("run_0abc/some/1/n/out/deeper")).rejects.toMatchObject({ code: "artifact_missing" });
      });

      test("knows what it has", async () => {
        await store.put("run_0abc/fit/1/n/out", bytesOf("x"));
        const asked = ["run_0abc/fit/1/n/out", "run_0abc/fit/1/n/ou", "run_0abc/fit/1/n", "run_0abc", "run_0abc/fit/1/n/out/x"];
        expect(await Promise.all(asked.map((k) => harness.other.has(k)))).toEqual([true, false, false, false, false]);
      });

      test("gives each key a uri, and a path where it has one", async () => {
        await store.put(key, bytesOf("on disk"));
        expect(store.uri(key)).toMatch(/^(file:\/\/\/|s3:\/\/|memory:)/);
        expect(store.uri(key)).not.toBe(store.uri(`${key}2`));
        const path = store.localPath(key);
        if (path !== undefined) expect(readFileSync(path, "utf8")).toBe("on disk");
        expect(store.localPath("run_0abc/none/1/n/out")).toBeUndefined();
      });

      test("can be left in the middle of a stream", async () => {
        await store.put(key, Buffer.alloc(5 << 20, 1));
        for await (const chunk of store.getStream(key)) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
        expect(await store.getRange(key, 0, 2)).toEqual(new Uint8Array([1, 1]));
      });
    });

    artifactKeyContract(() => harness);

    // Far more than a store may hold: S3 keeps parts of about 32 MB on their way, and its client copies of some of them.
    const megabytes = traits.bounded ? 128 : 40;
    test(`streams ${megabytes} MB in and out${traits.bounded ? " in bounded memory" : ""}`, async () => {
      const chunks = megabytes * 16;
      const held = heldBytes();
      const digest = createHash("sha256");
      async function* source(): AsyncGenerator<Uint8Array> {
        const chunk = Buffer.alloc(65_536);
        for (let i = 0; i < chunks; i++) {
          chunk.fill(i % 251);
          chunk.writeUInt32BE(i);
          digest.update(chunk);
          held.sample(i);
          yield chunk;
        }
      }
      const stored = await store.put(key, source());
      const expected = digest.digest("hex");
      expect(stored).toEqual({ stored: true, digest: expected, bytes: chunks * 65_536 });

      const back = createHash("sha256");
      let chunkCount = 0;
      for await (const chunk of store.getStream(key)) {
        back.update(chunk);
        held.sample(chunkCount++);
      }
      expect(back.digest("hex")).toBe(expected);
      expect(chunkCount).toBeGreaterThan(1);
      if (traits.bounded) expect(held.peak()).toBeLessThan(56 << 20);
    });
  });
}
