import { describe, expect, it } from "vitest";
import { describeArtifact, describeLineage } from "../../src/observe/artifact.ts";
import { describeGraph } from "../../src/observe/graph.ts";
import { called, completed, launched, mapped, outcome, WrittenRun } from "./written-run.ts";

async function tracedRun() {
  const run = await WrittenRun.create();
  const rows = run.ref("load", "rows", { itemCount: 2, metadata: { source: "weather" } });
  await run.entry(called("load", { city: "Seattle" }), launched("load"), outcome("load", completed({ rows })));
  await run.entry(
    mapped(
      "fit",
      {},
      { runtime: "isolated", input: { literal: '{"row":null}', edges: [{ path: ["row"], from: "load", output: "rows" }] } },
    ),
    launched("fit", { items: 2 }),
  );
  await run.items(
    { id: "fit", items: 2, width: 500 },
    { 0: completed({ output: run.ref("fit[0]") }), 1: completed({ output: run.ref("fit[1]", "output", { at: { text: "[1, 2]" } }) }) },
  );
  await run.entry(outcome("fit", completed({ output: run.ref("fit", "output", { itemCount: 2 }) }), { counts: { completed: 2 } }));
  await run.entry(
    called("merge", {}, { input: { literal: '{"parts":null}', edges: [{ path: ["parts"], from: "fit", output: "output" }] } }),
    called(
      "peek",
      {},
      {
        input: { literal: '{"of":{"one":null}}', edges: [{ path: ["of", "one"], from: "fit", output: "output", item: 1 }] },
        after: ["merge"],
      },
    ),
  );
  return run;
}

describe("an artifact", () => {
  it("is found by its id, of a step as of a map's item", async () => {
    const run = await tracedRun();
    expect(await describeArtifact(run, `${run.id}.load.1.rows`, run.now)).toMatchObject({
      output: "rows",
      itemCount: 2,
      metadata: { source: "weather" },
    });
    expect(await describeArtifact(run, `${run.id}.fit[1].1.output`, run.now)).toMatchObject({
      producedBy: { run: run.id, step: "fit[1]", attempt: 1 },
      uri: "data:application/json,%5B1%2C%202%5D",
    });
  });

  it.each([
    "load.1.rows",
    "RUN.load.2.rows",
    "RUN.load.1.other",
    "RUN.fit[9].1.output",
    "RUN.fit[x].1.output",
    "RUN.nobody.1.output",
    "run_0000000009zzzz.load.1.rows",
  ])("is unknown by %s", async (id) => {
    const run = await tracedRun();
    await expect(describeArtifact(run, id.replace("RUN", run.id), run.now)).rejects.toMatchObject({ code: "unknown_artifact" });
  });

  it("knows what it was made from and who used it", async () => {
    const run = await tracedRun();
    expect(await describeLineage(run, `${run.id}.load.1.rows`, run.now)).toMatchObject({
      inputs: [{ path: "city", value: "Seattle" }],
      usedBy: ["fit"],
    });
    const item = await describeLineage(run, `${run.id}.fit[1].1.output`, run.now);
    expect(item).toMatchObject({ inputs: [{ path: "row", artifact: `${run.id}.load.1.rows`, item: 1 }], usedBy: ["merge", "peek"] });
    expect((await describeLineage(run, `${run.id}.fit[0].1.output`, run.now)).usedBy).toEqual(["merge"]);
  });
});

describe("the graph", () => {
  it("has a node for a call, one for a map, and edges by output", async () => {
    const run = await tracedRun();
    const { nodes, edges } = await describeGraph(run, run.id, run.now);
    expect(nodes).toEqual([
      { id: "load", step: "load", kind: "step", runtime: "inline", status: "completed" },
      { id: "fit", step: "fit", kind: "map", runtime: "isolated", status: "completed", items: 2 },
      { id: "merge", step: "merge", kind: "step", runtime: "inline", status: "pending" },
      { id: "peek", step: "peek", kind: "step", runtime: "inline", status: "pending" },
    ]);
    expect(edges).toEqual([
      { from: "load", to: "fit", kind: "data", output: "rows", path: "row" },
      { from: "fit", to: "merge", kind: "data", output: "output", path: "parts" },
      { from: "fit", to: "peek", kind: "data", output: "output", item: 1, path: "of.one" },
      { from: "merge", to: "peek", kind: "order" },
    ]);
  });
});
