import { describe, expect, it } from "vitest";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { runResult } from "../../src/client/run-result.ts";
import type { Artifact } from "../../src/index.ts";
import type { RunOutputs } from "../../src/model/run.ts";
import { completed, jsonRef, returned } from "./ended-run.ts";

const days = completed("days", { output: jsonRef("days", ["mon", "tue"]) });
const fit = completed("fit", { model: jsonRef("model", { degree: 2 }), rmse: jsonRef("rmse", 0.5) });
const note = completed("note", {});

function resultOf(outputs: RunOutputs): unknown {
  return runResult([days, fit, note, returned(outputs)], new MemoryArtifactStore());
}

/** The same with loaded values in the place of artifacts. */
async function loaded(result: unknown): Promise<unknown> {
  if (typeof result !== "object" || result === null) return result;
  if ("load" in result && typeof result.load === "function") return (result as Artifact<unknown>).load();
  if (Array.isArray(result)) return Promise.all(result.map(loaded));
  return Object.fromEntries(await Promise.all(Object.entries(result).map(async ([name, part]) => [name, await loaded(part)] as const)));
}

const all = (from: string) => ({ from, outputs: "all" as const });

describe("runResult()", () => {
  it.each<[string, RunOutputs, unknown]>([
    ["nothing", { kind: "none" }, undefined],
    ["an artifact", { kind: "one", value: { from: "days", output: "output" } }, ["mon", "tue"]],
    ["an item", { kind: "one", value: { from: "days", output: "output", item: 1 } }, "tue"],
    ["all outputs of a step run", { kind: "one", value: all("fit") }, { model: { degree: 2 }, rmse: 0.5 }],
    ["a step run without outputs", { kind: "one", value: all("note") }, undefined],
    [
      "a list",
      { kind: "list", values: [{ from: "fit", output: "rmse" }, all("fit"), all("note")] },
      [0.5, { model: { degree: 2 }, rmse: 0.5 }, undefined],
    ],
    ["an empty list", { kind: "list", values: [] }, []],
    ["a record with one name", { kind: "record", values: { output: { from: "fit", output: "rmse" } } }, { output: 0.5 }],
    [
      "a record of everything",
      { kind: "record", values: { days: [{ from: "days", output: "output", item: 0 }], fit: all("fit") } },
      { days: ["mon"], fit: { model: { degree: 2 }, rmse: 0.5 } },
    ],
  ])("gives %s as it was returned", async (_, outputs, value) => {
    expect(await loaded(resultOf(outputs))).toEqual(value);
  });

  it("gives artifacts that know their id and their items", async () => {
    const list = resultOf({ kind: "one", value: { from: "days", output: "output" } }) as Artifact<string[]>;
    expect([list.id, list.itemCount, await list.chunk(0).load()]).toEqual(["days", 2, "mon"]);
  });

  it("gives what a resumed run returned last", () => {
    const events = [days, returned({ kind: "none" }), returned({ kind: "list", values: [] })];
    expect(runResult(events, new MemoryArtifactStore())).toEqual([]);
  });

  it("names the output that is not there", () => {
    expect(() => resultOf({ kind: "one", value: { from: "gone", output: "output" } })).toThrow(
      expect.objectContaining({ code: "artifact_missing", message: expect.stringContaining("step run gone") }),
    );
  });
});
