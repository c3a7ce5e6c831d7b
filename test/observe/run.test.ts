import { describe, expect, it } from "vitest";
import { describeDetail, describeSteps } from "../../src/observe/detail.ts";
import { describeRun } from "../../src/observe/run.ts";
import { called, completed, failed, launched, mapped, outcome, start, WrittenRun } from "./written-run.ts";

describe("a run", () => {
  it("is pending until its first entry, then runs", async () => {
    const run = await WrittenRun.create({ tags: ["nightly"] });
    expect(await describeRun(run, run.id, run.now)).toEqual({
      id: run.id,
      pipeline: "forecast",
      mode: "dynamic",
      status: "pending",
      params: { city: "Seattle" },
      codeVersion: "c1",
      createdAt: "2025-01-01T00:00:00.000Z",
      outputs: {},
      steps: {},
      turns: 0,
      journalEntries: 0,
      tags: ["nightly"],
    });
    await run.entry(called("load"), launched("load"));
    expect(await describeRun(run, run.id, run.now)).toMatchObject({
      status: "running",
      startedAt: "2025-01-01T00:00:01.000Z",
      steps: { running: 1 },
      turns: 1,
      journalEntries: 1,
    });
  });

  it("is stopping from the request on", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load"), launched("load"));
    await run.state.requestStop(run.id, { reason: "enough", at: run.now });
    expect((await describeRun(run, run.id, run.now)).status).toBe("stopping");
  });

  it("tells how it ended and what it gave", async () => {
    const run = await WrittenRun.create();
    const [table, parts] = [run.ref("merge"), [run.ref("fit"), run.ref("fit_2")]];
    await run.entry(called("merge"), launched("merge"), outcome("merge", completed({ output: table })));
    await run.finish("completed", { outputs: { table, parts } });
    const described = await describeRun(run, run.id, run.now);
    expect(described).toMatchObject({
      status: "completed",
      endedAt: "2025-01-01T00:00:02.000Z",
      steps: { completed: 1 },
      journalEntries: 2,
    });
    expect(described.outputs["table"]).toMatchObject({
      id: `${run.id}.merge.1.output`,
      output: "output",
      uri: `memory:${run.id}/merge/1/n/output`,
      producedBy: { run: run.id, step: "merge", attempt: 1 },
    });
    expect(described.outputs["parts"]).toMatchObject([{ producedBy: { step: "fit" } }, { producedBy: { step: "fit_2" } }]);
  });

  it("has ended when the journal says so, though its process died before the record did", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load"), launched("load"), outcome("load", failed("no")));
    await run.entry({ t: "ended", status: "failed", error: { name: "Error", message: "no" }, outputs: {}, at: run.now });
    expect(await describeRun(run, run.id, run.now)).toMatchObject({
      status: "failed",
      error: { name: "Error", message: "no" },
      steps: { failed: 1 },
    });
  });

  it("counts the items of maps, and a map that never started once", async () => {
    const run = await WrittenRun.create();
    await run.entry(
      mapped("fit", { x: [1, 2, 3] }),
      launched("fit", { items: 3 }),
      called("other"),
      launched("other"),
      outcome("other", failed("no")),
      mapped("next", { x: null }, { input: { literal: '{"x":null}', edges: [{ path: ["x"], from: "other", output: "output" }] } }),
      outcome("next", { status: "skipped", reason: "it depends on other, which did not complete" }, { attempt: 0 }),
    );
    await run.items({ id: "fit", items: 3, width: 500 }, { 0: completed(), 2: failed("odd") });
    const expected = { completed: 1, failed: 2, pending: 1, skipped: 1 };
    expect((await describeRun(run, run.id, run.now)).steps).toEqual(expected);
    await run.entry(outcome("fit", failed("odd"), { counts: { completed: 2, failed: 1 } }));
    await run.finish("failed");
    expect((await describeRun(run, run.id, run.now)).steps).toEqual({ completed: 2, failed: 2, skipped: 1 });
  });

  it("leaves nothing running or pending once it has ended", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("a"), launched("a"), called("b", {}, { runtime: "isolated" }));
    await run.finish("stopped");
    const { run: described, steps } = await describeDetail(run, run.id, run.now);
    expect(steps.map((step) => step.status)).toEqual(["stopped", "cancelled"]);
    expect(Object.keys(described.steps).filter((status) => status === "running" || status === "pending")).toEqual([]);
  });

  it("shows parameters that JSON has no word for", async () => {
    const run = await WrittenRun.create({ params: '~[{"since":1,"size":2},["Date","2025-01-02T00:00:00.000Z"],["BigInt","12"]]' });
    expect((await describeRun(run, run.id, run.now)).params).toEqual({ since: "2025-01-02T00:00:00.000Z", size: "12" });
  });

  it.each(["run_0000000009zzzz", "../../etc/passwd", ""])("is unknown by %j", async (id) => {
    const run = await WrittenRun.create();
    await expect(describeRun(run, id, start)).rejects.toMatchObject({ code: "unknown_run" });
    await expect(describeSteps(run, id, start)).rejects.toMatchObject({ code: "unknown_run" });
  });

  it("keeps to what a resume with changed code left of the journal", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load"), launched("load"), outcome("load", completed()), called("old"), launched("old"));
    await run.entry({ t: "rebased", keep: 3, at: run.now }, called("new"), launched("new"));
    expect((await describeSteps(run, run.id, run.now)).map((step) => step.id)).toEqual(["load", "new"]);
    expect((await describeRun(run, run.id, run.now)).steps).toEqual({ completed: 1, running: 1 });
  });
});
