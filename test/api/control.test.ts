import { describe, expect, it } from "vitest";
import { runReport } from "../../src/api/resource-schemas.ts";
import { SkeinError } from "../../src/model/error.ts";
import { Deployment, runOf } from "./deployment.ts";
import "./fixtures/pipelines.ts";

async function waitingRun(api: Deployment) {
  const { body } = await api.ask("POST", "/pipelines/greet/runs", { json: { params: { name: "Ada" } } });
  api.wakes.length = 0;
  return runOf(body);
}

describe("stopping a run", () => {
  it("writes the request with its reason, and wakes the run", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    const { status, body } = await api.ask("POST", `/runs/${run}/stop`, { json: { reason: "too slow" } });
    expect(status).toBe(202);
    expect(runReport.parse(body).run.status).toBe("stopping");
    expect(api.wakes).toEqual([{ v: 1, run, reason: "stop" }]);
    expect((await api.engine.state.readTail(run, -1)).stop).toMatchObject({ reason: "too slow" });
  });

  it("ends it", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    await api.ask("POST", `/runs/${run}/stop`);
    await api.engine.turns.wake({ v: 1, run, reason: "start" });
    expect((await api.engine.ended(run)).ended?.status).toBe("stopped");
  });

  it("may be asked for again, and stays with the first reason", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    await api.ask("POST", `/runs/${run}/stop`, { json: { reason: "first" } });
    expect(await api.ask("POST", `/runs/${run}/stop`, { json: { reason: "second" } })).toMatchObject({ status: 202 });
    expect((await api.engine.state.readTail(run, -1)).stop).toMatchObject({ reason: "first" });
  });

  it("is accepted though the wake fails: the request is written", async () => {
    await using api = new Deployment({
      ports: { turns: { wake: () => Promise.reject(new SkeinError("operator_unavailable", "throttled")) } },
    });
    const run = await waitingRun(api);
    expect(await api.ask("POST", `/runs/${run}/stop`)).toMatchObject({ status: 202, body: { run: { status: "stopping" } } });
    expect((await api.engine.state.readRun(run))?.due).toBeDefined();
  });

  it.each<[object]>([[{ reason: 7 }], [{ reason: "" }], [{ reason: "x".repeat(1_001) }], [{ why: "x" }]])("refuses %j", async (json) => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    expect(await api.ask("POST", `/runs/${run}/stop`, { json })).toMatchObject({ status: 400, body: { code: "bad_request" } });
    expect((await api.engine.state.readTail(run, -1)).stop).toBeUndefined();
    expect(api.wakes).toEqual([]);
  });
});

describe("resuming a run", () => {
  it("wakes it and says of nobody that they are dead: a live turn keeps its lease", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    expect(await api.ask("POST", `/runs/${run}/resume`)).toMatchObject({ status: 202, body: { run: { id: run } } });
    expect(api.wakes).toEqual([{ v: 1, run, reason: "resume" }]);
  });

  it("goes on with a run that stood still", async () => {
    await using api = new Deployment();
    const asleep = new Deployment({ isAsleep: true, ports: { state: api.ports.state } });
    const run = await waitingRun(asleep);
    await api.ask("POST", `/runs/${run}/resume`);
    expect((await api.engine.ended(run)).ended?.status).toBe("completed");
    await asleep.engine.close();
  });

  it("fails where the run cannot be woken", async () => {
    await using api = new Deployment({
      ports: { turns: { wake: () => Promise.reject(new SkeinError("operator_unavailable", "throttled")) } },
    });
    const run = await waitingRun(api);
    expect(await api.ask("POST", `/runs/${run}/resume`)).toMatchObject({ status: 503, body: { code: "operator_unavailable" } });
  });

  it("takes no options", async () => {
    await using api = new Deployment({ isAsleep: true });
    const run = await waitingRun(api);
    expect(await api.ask("POST", `/runs/${run}/resume`, { json: { dead: "x" } })).toMatchObject({ status: 400 });
    expect(api.wakes).toEqual([]);
  });
});

it.each(["stop", "resume"])("a run that has ended does not %s", async (verb) => {
  await using api = new Deployment();
  const { id, ended } = await api.run("greet", { name: "Ada" });
  api.wakes.length = 0;
  expect(await api.ask("POST", `/runs/${id}/${verb}`)).toMatchObject({ status: 409, body: { code: "run_has_ended" } });
  expect(api.wakes).toEqual([]);
  expect((await api.engine.state.readRun(id))?.ended).toEqual(ended);
});
