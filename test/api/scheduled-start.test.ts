import { describe, expect, it } from "vitest";
import { startScheduled } from "../../src/api/scheduled-start.ts";
import { Deployment } from "./deployment.ts";
import "./fixtures/pipelines.ts";

const event = { schedule: "every night", time: "2026-01-01T02:00:00Z", pipeline: "greet", params: { name: "Ada" } };

describe("a scheduled start", () => {
  it("starts one run for each time, however often its event comes", async () => {
    await using api = new Deployment({ isAsleep: true });
    const { run } = await startScheduled(event, api.ports);
    expect(run).toMatchObject({ pipeline: "greet", params: { name: "Ada" }, tags: ["schedule:every night"], codeVersion: "7" });
    expect((await startScheduled(event, api.ports)).run.id).toBe(run.id);
    expect((await startScheduled({ ...event, time: "2026-01-02T02:00:00Z" }, api.ports)).run.id).not.toBe(run.id);
    expect(await api.runs()).toHaveLength(2);
  });

  it.each([
    ["unknown_pipeline", { ...event, pipeline: "gret" }],
    ["invalid_params", { ...event, params: { name: 7 } }],
    ["bad_request", { ...event, params: "Ada" }],
    ["bad_request", { schedule: "x", pipeline: "greet" }],
    ["bad_request", null],
  ])("fails with %s, and starts nothing", async (code, bad) => {
    await using api = new Deployment({ isAsleep: true });
    await expect(startScheduled(bad, api.ports)).rejects.toMatchObject({ code });
    expect(await api.runs()).toEqual([]);
  });
});
