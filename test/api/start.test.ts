import { describe, expect, it } from "vitest";
import { SkeinError } from "../../src/model/error.ts";
import { Deployment, runOf } from "./deployment.ts";
import "./fixtures/pipelines.ts";

const path = "/pipelines/greet/runs";
const json = { params: { name: "Ada" } };

describe("starting a run", () => {
  it("answers 202 with the run, says where it is, and wakes it", async () => {
    await using api = new Deployment({ isAsleep: true });
    const { status, headers, body } = await api.ask("POST", path, { json: { ...json, tags: ["nightly"] } });
    const id = runOf(body);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      run: { id, pipeline: "greet", status: "pending", params: { name: "Ada" }, tags: ["nightly"], codeVersion: "7" },
    });
    expect(new URL(headers["Location"]!, `https://host/stage${path}`).pathname).toBe(`/stage/runs/${id}`);
    expect(api.wakes).toEqual([{ v: 1, run: id, reason: "start" }]);
  });

  it("runs the pipeline to its end", async () => {
    await using api = new Deployment();
    expect((await api.run("greet", { name: "Ada" })).ended?.status).toBe("completed");
  });

  it("takes no body as no parameters", async () => {
    await using api = new Deployment({ isAsleep: true });
    expect(await api.ask("POST", path)).toMatchObject({ status: 400, body: { code: "invalid_params", issues: [{ path: "name" }] } });
  });

  it("compiles a static pipeline first", async () => {
    await using api = new Deployment({ isAsleep: true });
    expect(await api.ask("POST", "/pipelines/impossible/runs")).toMatchObject({ status: 422, body: { code: "missing_operator" } });
    expect(await api.ask("POST", "/pipelines/chain/runs", { json })).toMatchObject({ status: 202 });
    expect(await api.runs()).toHaveLength(1);
  });

  it("answers the run though its wake fails, since the sweeper will see it", async () => {
    const failure = new SkeinError("operator_unavailable", "throttled");
    await using api = new Deployment({ ports: { turns: { wake: () => Promise.reject(failure) } } });
    const { status, body } = await api.ask("POST", path, { json });
    expect(status).toBe(202);
    expect((await api.runs()).map(({ id, due }) => ({ id, isDue: due !== undefined }))).toEqual([{ id: runOf(body), isDue: true }]);
    expect(api.reported.map(({ error }) => error)).toEqual([failure]);
  });
});

describe("an idempotency key", () => {
  const headers = { "idempotency-key": "order 17" };

  it("names the run that it started, whatever became of it, and says that it was there", async () => {
    await using api = new Deployment();
    const first = await api.ask("POST", path, { json, headers });
    expect(first.headers["Idempotency-Replayed"]).toBeUndefined();
    await api.engine.ended(runOf(first.body));
    const second = await api.ask("POST", path, { json, headers });
    expect(second).toMatchObject({ status: 200, headers: { "Idempotency-Replayed": "true" }, body: { run: { status: "completed" } } });
    expect(second.headers["Location"]).toBe(first.headers["Location"]);
    expect(await api.runs()).toHaveLength(1);
    expect(api.wakes.filter(({ reason }) => reason === "start")).toHaveLength(1);
  });

  it("wakes a run that it finds as it was created: whoever did that may have died before the wake", async () => {
    await using api = new Deployment({ isAsleep: true });
    await api.ask("POST", path, { json, headers });
    await api.ask("POST", path, { json, headers });
    expect(api.wakes.map(({ reason }) => reason)).toEqual(["start", "start"]);
  });

  it("refuses other parameters", async () => {
    await using api = new Deployment({ isAsleep: true });
    await api.ask("POST", path, { json, headers });
    const other = await api.ask("POST", path, { json: { params: { name: "Bob" } }, headers });
    expect(other).toMatchObject({ status: 409, body: { code: "idempotency_conflict" } });
    expect(await api.runs()).toHaveLength(1);
    expect(api.wakes).toHaveLength(1);
  });

  it("is one of its pipeline", async () => {
    await using api = new Deployment({ isAsleep: true });
    await api.ask("POST", path, { json, headers });
    expect(await api.ask("POST", "/pipelines/chain/runs", { json, headers })).toMatchObject({ status: 202 });
  });

  it("makes one run of many requests at once", async () => {
    await using api = new Deployment({ isAsleep: true });
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.ask("POST", path, { json, headers })));
    expect(new Set(answers.map(({ body }) => runOf(body))).size).toBe(1);
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  });
});

describe("planning", () => {
  it("tells what a static pipeline will do, and starts nothing", async () => {
    await using api = new Deployment({ isAsleep: true });
    const { body } = await api.ask("POST", "/pipelines/chain/plan", { json });
    expect(body).toMatchObject({
      pipeline: "chain",
      mode: "static",
      nodes: [
        { id: "greeting", level: 0 },
        { id: "shout", level: 1, runtime: "isolated" },
      ],
      edges: [{ from: "greeting", to: "shout", kind: "data", path: "text" }],
    });
    expect(await api.runs()).toEqual([]);
  });

  it("shows parameters that JSON has no word for in others", async () => {
    await using api = new Deployment();
    const answer = await api.ask("POST", "/pipelines/exact/plan", { json: { params: { n: "7", day: "2026-01-02" } } });
    expect(answer).toMatchObject({ status: 200, body: { params: { n: "7", day: "2026-01-02T00:00:00.000Z" } } });
  });

  it("refuses what a start refuses", async () => {
    await using api = new Deployment({ isAsleep: true });
    expect(await api.ask("POST", "/pipelines/impossible/plan")).toMatchObject({ status: 422, body: { code: "missing_operator" } });
    expect(await api.ask("POST", "/pipelines/chain/plan")).toMatchObject({ status: 400, body: { code: "invalid_params" } });
  });
});
