import { describe, expect, it } from "vitest";
import type { RunEvent, Waiting, Woken } from "../../src/model/event.ts";
import { describeRun } from "../../src/observe/run.ts";
import { called, launched, start, WrittenRun } from "./written-run.ts";

const since = "2025-01-01T00:00:00.000Z";
const sleep: Waiting = { t: "waiting", id: "sleep", for: "time", at: start, dueAt: start + 1_000 };
const approval: Waiting = { t: "waiting", id: "approval", for: "signal", name: "approval", question: "Go on?", at: start };
const second: Waiting = { t: "waiting", id: "approval_2", for: "signal", name: "approval", at: start, dueAt: start + 60_000 };
const told: Woken = { t: "woken", id: "approval", at: start + 5, signal: { id: "1", name: "approval", text: "1", at: start + 4 } };

async function waitsAfter(...events: readonly RunEvent[]) {
  const run = await WrittenRun.create();
  for (const event of events) await run.entry(event);
  return { run, waits: (await describeRun(run, run.id, run.now)).waits };
}

describe("a run's waits", () => {
  it("are told in the order in which they began, with all that is known of them", async () => {
    expect((await waitsAfter(sleep, approval, second)).waits).toEqual([
      { id: "sleep", since, until: "2025-01-01T00:00:01.000Z" },
      { id: "approval", name: "approval", question: "Go on?", since },
      { id: "approval_2", name: "approval", since, until: "2025-01-01T00:01:00.000Z" },
    ]);
  });

  it("are over with their signal or their time, one by one", async () => {
    const { waits } = await waitsAfter(sleep, approval, second, told, { t: "woken", id: "sleep", at: start + 1_000 });
    expect(waits?.map(({ id }) => id)).toEqual(["approval_2"]);
  });

  it("outlast a signal that was refused", async () => {
    expect((await waitsAfter(approval, { ...told, refused: "no number" })).waits).toHaveLength(1);
  });

  it.each<[string, RunEvent]>([
    ["returned", { t: "returned", outputs: { kind: "none" }, at: start }],
    ["thrown", { t: "threw", error: { name: "Error", message: "no" }, at: start }],
    ["been taken out of the run", { t: "halted", error: { name: "Error", message: "no" }, at: start }],
    ["seen that it is to stop", { t: "stopping", reason: "enough", at: start }],
  ])("are none of a function that has %s, though steps go on", async (_, event) => {
    expect((await waitsAfter(called("load"), launched("load"), approval, event)).waits).toBeUndefined();
  });

  it("are none where a stop was asked for", async () => {
    const { run } = await waitsAfter(approval);
    await run.state.requestStop(run.id, { reason: "enough", at: run.now });
    expect(await describeRun(run, run.id, run.now)).not.toHaveProperty("waits");
  });

  it("are those that a resume with changed code has kept", async () => {
    const { waits } = await waitsAfter(sleep, approval, { t: "rebased", keep: 1, at: start });
    expect(waits?.map(({ id }) => id)).toEqual(["sleep"]);
  });
});
