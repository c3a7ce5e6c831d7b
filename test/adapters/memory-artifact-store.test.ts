import { expect, test } from "vitest";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { artifactStoreContract } from "../contracts/artifact-store.contract.ts";

artifactStoreContract("memory", { bounded: false }, async () => {
  const store = new MemoryArtifactStore();
  return { store, other: store, debris: async () => [], remove: async () => {} };
});

test("two stores share nothing", async () => {
  const [one, two] = [new MemoryArtifactStore(), new MemoryArtifactStore()];
  await one.put("a/b", new Uint8Array([1]));
  expect(await two.has("a/b")).toBe(false);
});
