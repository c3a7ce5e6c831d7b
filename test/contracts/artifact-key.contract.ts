import { describe, expect, test } from "vitest";
import type { ArtifactStoreHarness } from "./artifact-store.contract.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const drain = async (chunks: AsyncIterable<Uint8Array>) => {
  for await (const _ of chunks);
};

async function* stream(text: string): AsyncGenerator<Uint8Array> {
  yield bytesOf(text);
}

/** The part of the artifact store's suite that is about keys. */
export function artifactKeyContract(current: () => ArtifactStoreHarness): void {
  const store = () => current().store;

  describe("keys", () => {
    test("keeps apart keys with brackets, dots, dashes and underscores, and keys that begin alike", async () => {
      const keys = [
        "r/fit[3]/1/n/out",
        "r/fit_3/1/n/out",
        "r/fit.3/1/n/out",
        "r/fit-3/1/n/out",
        "r/fit[3/1/n/out",
        "r/.hidden/..x",
        "r/fit",
        "r/fit2",
        "single",
        "a",
        "a/b",
        "a/b/c",
        "a/b.c",
        "a.b/c",
        "[",
        `r/${"x".repeat(200)}`,
        `r/${"x".repeat(199)}y`,
        Array.from({ length: 100 }, (_, i) => `p${i}`).join("/"),
      ];
      for (const k of keys) expect(await store().put(k, bytesOf(k))).toMatchObject({ stored: true });
      for (const k of keys) expect(textOf(await store().get(k))).toBe(k);
    });

    test.each([
      ["empty", ""],
      ["absolute", "/etc/passwd"],
      ["parent", "../x"],
      ["parent inside", "run/../../x"],
      ["current", "run/./x"],
      ["backslash", "run\\x"],
      ["empty part", "run//x"],
      ["trailing slash", "run/x/"],
      ["space", "run/a b"],
      ["colon", "C:/x"],
      ["percent", "run/%2e%2e"],
      ["tilde", "~/x"],
      ["control character", "run/a\nb"],
      ["null", "run/a\0"],
      ["letter beyond ASCII", "run/é"],
      ["long part", `run/${"x".repeat(201)}`],
      ["long", `${"abc/".repeat(300)}x`],
    ])("refuses a bad key: %s", async (_, bad) => {
      const refusal = { code: "bad_option" };
      await expect(store().put(bad, bytesOf("x"))).rejects.toMatchObject(refusal);
      await expect(store().put(bad, stream("x"))).rejects.toMatchObject(refusal);
      await expect(store().get(bad)).rejects.toMatchObject(refusal);
      await expect(store().getRange(bad, 0, 1)).rejects.toMatchObject(refusal);
      await expect(drain(store().getStream(bad))).rejects.toMatchObject(refusal);
      await expect(store().has(bad)).rejects.toMatchObject(refusal);
      expect(() => store().uri(bad)).toThrow(expect.objectContaining(refusal));
      expect(() => store().localPath(bad)).toThrow(expect.objectContaining(refusal));
      expect(await current().debris()).toEqual([]);
    });
  });
}
