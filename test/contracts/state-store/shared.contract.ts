import { describe, expect, test } from "vitest";
import { anArtifact, fresh, freshRun } from "./samples.ts";
import type { CacheRow, NamedVersion } from "../../../src/ports/state-store.ts";
import type { Opened } from "./samples.ts";

function aCacheRow(changes: Partial<CacheRow> = {}): CacheRow {
  return { outputs: { output: anArtifact("c") }, origin: { run: freshRun(), step: "fit" }, at: 1_764_000_000_000, ...changes };
}

function aVersion(changes: Partial<NamedVersion> = {}): NamedVersion {
  return { artifact: { ...anArtifact("m"), id: fresh("a") }, run: freshRun(), at: 1_764_000_000_000, ...changes };
}

export function sharedContract(opened: Opened): void {
  describe("cache", () => {
    test("is replaced, and keeps when a row expires", async () => {
      const { store } = opened();
      const key = fresh("cache");
      const first = aCacheRow({ expiresAt: 1_999_999_999_999, metadata: { rmse: 0.5, é: ["漢"] } });
      const second = aCacheRow();
      expect(await store.readCache(key)).toBeUndefined();
      await store.writeCache(key, first);
      expect(await store.readCache(key)).toEqual(first);
      await store.writeCache(key, second);
      expect(await store.readCache(key)).toEqual(second);
      expect(await store.readCache(`${key}x`)).toBeUndefined();
    });
  });

  describe("named artifact", () => {
    test("has versions from 1 on, the newest first", async () => {
      const { store } = opened();
      const name = fresh("model");
      const versions = [aVersion(), aVersion(), aVersion()];
      expect(await store.listVersions(name)).toEqual([]);
      for (const [i, version] of versions.entries()) expect(await store.addVersion(name, version)).toBe(i + 1);
      expect(await store.listVersions(name)).toEqual(versions.map((v, i) => ({ ...v, version: i + 1 })).toReversed());
      expect(await store.addVersion(`${name}_2`, aVersion())).toBe(1);
    });

    test("knows an artifact again", async () => {
      const { store } = opened();
      const name = fresh("model");
      const version = aVersion();
      await store.addVersion(name, version);
      await store.addVersion(name, aVersion());
      expect(await store.addVersion(name, version)).toBe(1);
      expect(await store.listVersions(name)).toHaveLength(2);
    });

    test("numbers are dense when twelve add at once, two of each artifact", async () => {
      const { store } = opened();
      const name = fresh("model");
      const six = Array.from({ length: 6 }, () => aVersion());
      const numbers = await Promise.all([...six, ...six].map((version) => store.addVersion(name, version)));
      expect(numbers.slice(0, 6)).toEqual(numbers.slice(6));
      expect(numbers.slice(0, 6).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
      expect((await store.listVersions(name)).map((v) => v.version)).toEqual([6, 5, 4, 3, 2, 1]);
    });
  });
}
