import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { step } from "../../src/define/step.ts";
import { SkeinError } from "../../src/model/error.ts";
import type { Metadata } from "../../src/model/failure.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import { instead } from "../sim/hanging.ts";
import { failed, outcomeOf, place, taskOf } from "./attempt.ts";

step({ name: "one", output: z.number() }, () => 1);
step({ name: "asks_a_store", output: z.number() }, (): number => {
  throw away();
});

function away(data: Metadata = {}): SkeinError {
  return new SkeinError("store_unavailable", "nobody answers", { data });
}

function workplace(data?: Metadata) {
  const artifacts = instead<ArtifactStore>(new MemoryArtifactStore(), { put: () => Promise.reject(away(data)) });
  return { artifacts, outlastsOutages: true };
}

describe("an attempt whose output a store does not take, since it is out of reach", () => {
  test("does not count, and the next one comes later and later", async () => {
    const pauses = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      const { key } = taskOf("one");
      const error = failed(await outcomeOf(taskOf("one", {}, { key: { ...key, attempt } }), place(workplace()).workplace));
      expect(error).toMatchObject({ code: "store_unavailable", interrupted: true });
      pauses.push((error.retryAfterMs ?? 0) / 1_000);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  test.each([
    ["has been made nine times", { key: { ...taskOf("one").key, attempt: 9 } }, workplace()],
    ["may run at most once", { policy: { delivery: "at_most_once" as const } }, workplace()],
    ["is refused by the store", {}, workplace({ refused: true })],
    ["is made where stores do not come back by themselves", {}, { ...workplace(), outlastsOutages: false }],
  ])("has failed where it %s", async (_, changes, at) => {
    const error = failed(await outcomeOf(taskOf("one", {}, changes), place(at).workplace));
    expect(error).toMatchObject({ code: "store_unavailable" });
    expect(error).not.toHaveProperty("interrupted");
  });

  test("has failed where the step function itself has met with it", async () => {
    const error = failed(await outcomeOf(taskOf("asks_a_store"), place(workplace()).workplace));
    expect(error).not.toHaveProperty("interrupted");
  });
});
