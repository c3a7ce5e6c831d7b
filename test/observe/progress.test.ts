import { describe, expect, it } from "vitest";
import { RunWatch } from "../../src/observe/progress.ts";
import { called, completed, failed, inThread, launched, mapped, outcome, start, WrittenRun } from "./written-run.ts";

async function watched() {
  const run = await WrittenRun.create();
  return { run, watch: new RunWatch(run, (await run.state.readRun(run.id))!) };
}

describe("a watched run", () => {
  it("tells what runs, and each change once", async () => {
    const { run, watch } = await watched();
    await run.entry(called("load"), launched("load"), called("fit", {}, { runtime: "isolated" }));
    const first = await watch.look(run.now);
    expect(first).toMatchObject({
      status: "running",
      steps: { running: 1, pending: 1 },
      running: [{ id: "load", attempt: 1 }],
      changed: [{ id: "load", status: "running" }],
    });
    expect((await watch.look(run.now)).changed).toEqual([]);
    await run.entry(outcome("load", completed(), { span: inThread }), launched("fit"));
    await run.claim("fit", 1);
    const second = await watch.look(run.now);
    expect(second.changed).toMatchObject([
      { id: "load", status: "completed", startedAt: inThread.startedAt, endedAt: inThread.endedAt },
      { id: "fit", status: "running" },
    ]);
    expect(second.running.map(({ id }) => id)).toEqual(["fit"]);
    await run.end("fit", 1, failed("no"));
    await run.entry(outcome("fit", failed("no")));
    await run.finish("failed");
    const last = await watch.look(run.now);
    expect(last).toMatchObject({
      status: "failed",
      steps: { completed: 1, failed: 1 },
      running: [],
      changed: [{ id: "fit", status: "failed", error: { message: "no" } }],
    });
    expect((await watch.look(run.now)).changed).toEqual([]);
  });

  it("tells what its function waits for", async () => {
    const { run, watch } = await watched();
    await run.entry({ t: "waiting", id: "sleep", for: "time", dueAt: start + 60_000, at: start });
    expect((await watch.look(run.now)).waits).toEqual([
      { id: "sleep", since: "2025-01-01T00:00:00.000Z", until: "2025-01-01T00:01:00.000Z" },
    ]);
    await run.entry({ t: "woken", id: "sleep", at: start + 60_000 });
    expect(await watch.look(run.now)).not.toHaveProperty("waits");
  });

  it("tells an end once that lies in its row before the run has seen it", async () => {
    const { run, watch } = await watched();
    await run.entry(called("fit", {}, { runtime: "isolated" }), launched("fit"));
    await run.claim("fit", 1);
    await run.end("fit", 1, completed());
    expect((await watch.look(run.now)).changed).toMatchObject([{ id: "fit", status: "completed" }]);
    await run.entry(outcome("fit", completed()));
    expect((await watch.look(run.now)).changed).toEqual([]);
  });

  it("tells how far its maps are", async () => {
    const { run, watch } = await watched();
    const shape = { id: "fit", items: 3, width: 500 };
    await run.entry(mapped("fit", { x: [1, 2, 3] }), launched("fit", { items: 3 }));
    await run.items(shape, { 1: completed() });
    expect(await watch.look(run.now)).toMatchObject({
      steps: { completed: 1, pending: 2 },
      running: [{ id: "fit", kind: "map", items: { total: 3, counts: { completed: 1, pending: 2 } } }],
    });
    await run.entry(outcome("fit", failed("odd"), { counts: { completed: 2, failed: 1 } }));
    expect(await watch.look(run.now)).toMatchObject({
      steps: { completed: 2, failed: 1 },
      running: [],
      changed: [{ id: "fit", status: "failed" }],
    });
  });

  it("tells of every attempt", async () => {
    const { run, watch } = await watched();
    const policy = { retry: { maxRetries: 2, delayMs: 0, backoff: 1 } };
    await run.entry(called("load", {}, { policy }), launched("load"));
    await watch.look(run.now);
    await run.entry(outcome("load", failed("once")), launched("load", { attempt: 2 }));
    expect((await watch.look(run.now)).changed).toMatchObject([{ id: "load", status: "running", attempt: 2 }]);
  });
});
