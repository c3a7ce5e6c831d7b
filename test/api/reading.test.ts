import { describe, expect, it } from "vitest";
import type { z } from "zod";
import {
  artifactDetail,
  graph,
  logPage,
  pipeline,
  pipelineList,
  runPage,
  runReport,
  stepPage,
  versionPage,
} from "../../src/api/resource-schemas.ts";
import { SkeinError } from "../../src/model/error.ts";
import type { RunId } from "../../src/model/id.ts";
import { describeDetail } from "../../src/observe/detail.ts";
import { Deployment } from "./deployment.ts";
import "./fixtures/pipelines.ts";

/** All pages, from the first on. */
async function pages<S extends z.ZodType<{ readonly cursor?: string }>>(api: Deployment, schema: S, path: string) {
  const read: z.output<S>[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await api.get(
      schema,
      cursor === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`,
    );
    read.push(page);
    cursor = page.cursor;
    if (cursor === undefined) return read;
  }
}

describe("pipelines", () => {
  it("are listed with the JSON Schema of their parameters", async () => {
    await using api = new Deployment();
    const { pipelines } = await api.get(pipelineList, "/pipelines");
    const squares = await api.get(pipeline, "/pipelines/squares");
    expect(pipelines).toContainEqual(squares);
    expect(squares).toMatchObject({
      name: "squares",
      mode: "dynamic",
      params: { type: "object", properties: { numbers: { type: "array", items: { type: "number" } }, plus: { default: 0 } } },
    });
    expect((await api.get(pipeline, "/pipelines/mistaken")).params).toBeNull();
  });
});

describe("a run", () => {
  it("is shown, with its values where they are asked for", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers: [1, 2, 3] });
    expect(await api.get(runReport, `/runs/${id}`)).toEqual({
      run: expect.objectContaining({ id, status: "completed", steps: { completed: 4 }, codeVersion: "7" }),
    });
    expect((await api.get(runReport, `/runs/${id}?values=true`)).values).toEqual({ output: 14 });
    expect(await api.get(runReport, `/runs/${id}?values=false`)).not.toHaveProperty("values");
  });

  it("shows values that JSON has no word for in others", async () => {
    await using api = new Deployment();
    const { id } = await api.run("exact", { n: "12345678901234567890", day: "2026-01-02" });
    const { values } = await api.get(runReport, `/runs/${id}?values=true`);
    expect(values).toEqual({ output: [["2026-01-02T00:00:00.000Z", "12345678901234567890"]] });
  });

  it("shows no values before its end", async () => {
    await using api = new Deployment({ isAsleep: true });
    await api.ask("POST", "/pipelines/greet/runs", { json: { params: { name: "Ada" } } });
    const [run] = await api.runs();
    expect(await api.get(runReport, `/runs/${run?.id}?values=true`)).toEqual({ run: expect.objectContaining({ status: "pending" }) });
  });

  it("that has ended is shown with its values before its end is copied to its record", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers: [1, 2, 3] });
    const { state } = api.engine;
    const readRun = state.readRun.bind(state);
    Object.assign(state, {
      readRun: async (run: RunId) => {
        const { ended: _, ...record } = (await readRun(run)) ?? {};
        return record;
      },
    });
    const { run, values } = await api.get(runReport, `/runs/${id}?values=true`);
    expect([run.status, values]).toEqual(["completed", { output: 14 }]);
  });

  it("whose values are gone says so, and is shown without them", async () => {
    await using api = new Deployment();
    const { id } = await api.run("greet", { name: "x".repeat(10_000) });
    const gone = () => Promise.reject(new SkeinError("artifact_missing", "it was removed"));
    Object.assign(api.ports.artifacts, { get: gone, getRange: gone });
    expect(await api.ask("GET", `/runs/${id}?values=true`)).toMatchObject({ status: 410, body: { code: "artifact_missing" } });
    expect((await api.get(runReport, `/runs/${id}`)).run.status).toBe("completed");
    expect(await api.get(artifactDetail, `/artifacts/${id}.shout.1.output`)).not.toHaveProperty("preview");
  });

  it("that failed tells why", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers: [1, 13] });
    const { run } = await api.get(runReport, `/runs/${id}`);
    expect(run).toMatchObject({ status: "failed", steps: { failed: 1, skipped: 1 }, error: { code: "upstream_failed" } });
  });
});

describe("the list of runs", () => {
  it("is newest first, in pages of the size that is asked for", async () => {
    await using api = new Deployment({ isAsleep: true });
    for (let i = 0; i < 5; i++) await api.ask("POST", "/pipelines/greet/runs", { json: { params: { name: `Ada ${i}` } } });
    const read = await pages(api, runPage, "/runs?limit=2");
    expect(read.every(({ runs }) => runs.length <= 2)).toBe(true);
    const ids = read.flatMap(({ runs }) => runs.map((run) => run.id));
    expect(ids).toEqual((await api.runs()).map((run) => run.id));
    expect(ids).toHaveLength(5);
  });

  it("is filtered by pipeline and status", async () => {
    await using api = new Deployment();
    await api.run("squares", { numbers: [13] });
    const good = await api.run("squares", { numbers: [1] });
    const other = await api.run("greet", { name: "Ada" });
    const ids = async (query: string) => (await api.get(runPage, `/runs?${query}`)).runs.map((run) => run.id);
    expect(await ids("status=completed")).toEqual([other.id, good.id]);
    expect(await ids("status=completed&pipeline=squares")).toEqual([good.id]);
    expect(await ids("status=live")).toEqual([]);
    expect(await ids("pipeline=unknown")).toEqual([]);
  });

  it("has shorter pages where runs are long, and loses none", async () => {
    await using api = new Deployment({ isAsleep: true });
    for (let i = 0; i < 60; i++)
      await api.ask("POST", "/pipelines/greet/runs", { json: { params: { name: `${i}${"x".repeat(150_000)}` } } });
    const read = await pages(api, runPage, "/runs?limit=1000");
    expect(read.length).toBeGreaterThan(1);
    expect(new Set(read.flatMap(({ runs }) => runs.map((run) => run.id))).size).toBe(60);
  });
});

describe("the steps of a run", () => {
  const numbers = Array.from({ length: 25 }, (_, n) => n + 100);

  it("come in pages, which together are all that the run has", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers });
    const all = await describeDetail(api.engine, id, Date.now());
    for (const limit of [1, 4, 10, 26, 27, 500]) {
      const read = await pages(api, stepPage, `/runs/${id}/steps?limit=${limit}`);
      expect(read.flatMap(({ steps }) => steps)).toEqual(all.steps);
      expect(read.flatMap(({ maps }) => maps)).toEqual(all.maps);
      expect(read.every(({ steps, maps }) => steps.length + maps.length <= limit)).toBe(true);
    }
  });

  it("come without the items of maps where they are not asked for", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers });
    const { steps, maps } = await api.get(stepPage, `/runs/${id}/steps?items=false`);
    expect(steps.map((step) => step.id)).toEqual(["total"]);
    expect(maps).toMatchObject([{ id: "square", items: 25, steps: { completed: 25 } }]);
  });

  it("are filtered by status, in pages too", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers: [...numbers, 13, 7] });
    const ids = async (query: string) =>
      (await pages(api, stepPage, `/runs/${id}/steps?${query}`)).flatMap(({ steps, maps }) => [...maps, ...steps].map((step) => step.id));
    expect(await ids("status=failed&limit=1")).toEqual(["square", "square[25]"]);
    expect(await ids("status=failed&items=false")).toEqual(["square"]);
    expect(await ids("status=running")).toEqual([]);
  });

  it("beyond the end are none", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers });
    for (const cursor of ["2", "999999999", "0.25", "0.999999999", "1.5"]) {
      const { status, body } = await api.ask("GET", `/runs/${id}/steps?cursor=${cursor}&status=failed`);
      expect({ status, body }).toEqual({ status: 200, body: { steps: [], maps: [] } });
    }
  });

  it("are a graph", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers });
    expect(await api.get(graph, `/runs/${id}/graph`)).toEqual({
      run: id,
      nodes: [
        { id: "square", step: "square", kind: "map", runtime: "inline", status: "completed", items: 25 },
        { id: "total", step: "total", kind: "step", runtime: "inline", status: "completed" },
      ],
      edges: [{ from: "square", to: "total", kind: "data", output: "output", path: "parts" }],
    });
  });
});

describe("logs", () => {
  it("of a run are those of its function and of its steps, of a step run its own", async () => {
    await using api = new Deployment();
    const { id } = await api.run("greet", { name: "Ada" });
    const messages = async (path: string) => (await api.get(logPage, `/runs/${id}${path}`)).lines.map((line) => line.message);
    expect((await messages("/logs")).toSorted()).toEqual(["begin", "greeting", "shouting"]);
    expect(await messages("/steps/shout/logs")).toEqual(["shouting"]);
    expect(await messages("/steps/shout/logs?attempt=1")).toEqual(["shouting"]);
    expect(await messages("/steps/shout/logs?attempt=2")).toEqual([]);
  });

  it("go on at the cursor, in parts, until a part has no lines", async () => {
    await using api = new Deployment();
    const { id } = await api.run("talk", { lines: 2_500 });
    const parts: string[][] = [];
    for (let cursor = ""; ;) {
      const page = await api.get(logPage, `/runs/${id}/logs${cursor}`);
      if (page.lines.length === 0) break;
      parts.push(page.lines.map((line) => line.message));
      cursor = `?cursor=${encodeURIComponent(page.cursor)}`;
    }
    expect(parts.length).toBeGreaterThan(2);
    const lines = parts.flat().filter((message) => message !== "greeting");
    expect(lines).toEqual(Array.from({ length: 2_500 }, (_, i) => `line ${i}`));
    expect(parts.flat()).toHaveLength(2_501);
  });
});

describe("an artifact", () => {
  it("is shown with its lineage, its value and a link that ends", async () => {
    await using api = new Deployment();
    Object.assign(api.ports.artifacts, { presign: async (key: string, seconds: number) => `https://bucket/${key}?for=${seconds}` });
    const run = await api.run("paint", { size: 100_000 });
    const { body } = await api.ask("GET", `/runs/${run.id}`);
    const { output } = runReport.parse(body).run.outputs;
    const { id } = Array.isArray(output) || output === undefined ? { id: "" } : output;
    const detail = await api.get(artifactDetail, `/artifacts/${id}`);
    expect(detail).toMatchObject({ artifact: { id, bytes: 100_000 }, inputs: [{ path: "size", value: 100_000 }], usedBy: [] });
    expect(detail.link?.url).toMatch(/^https:\/\/bucket\/run_.*for=900$/);
    const endsIn = Date.parse(detail.link?.expiresAt ?? "") - Date.now();
    expect(endsIn).toBeGreaterThan(14 * 60_000);
    expect(endsIn).toBeLessThan(15 * 60_000 + 1);
    expect(detail.preview).toBeUndefined();
  });

  it("of few bytes is previewed, and has no link where it is no object", async () => {
    await using api = new Deployment();
    const { id } = await api.run("greet", { name: "Ada" });
    const detail = await api.get(artifactDetail, `/artifacts/${id}.greeting.1.output`);
    expect(detail).toMatchObject({ preview: { json: "hello Ada" }, usedBy: ["shout"], inputs: [{ path: "name", value: "Ada" }] });
    expect(detail.link).toBeUndefined();
  });

  it("that is an item of a map is found by its encoded id", async () => {
    await using api = new Deployment();
    const { id } = await api.run("squares", { numbers: [1, 2] });
    const detail = await api.get(artifactDetail, `/artifacts/${encodeURIComponent(`${id}.square[1].1.output`)}`);
    expect(detail).toMatchObject({ artifact: { producedBy: { step: "square[1]" } }, preview: { json: 4 }, usedBy: ["total"] });
  });

  it("with a name is listed with its versions, newest first, in pages", async () => {
    await using api = new Deployment();
    for (const name of ["a", "b", "c"]) await api.run("greet", { name });
    const read = await pages(api, versionPage, "/artifacts?name=shouted&limit=2");
    expect(read.map(({ versions }) => versions.map(({ version }) => version))).toEqual([[3, 2], [1]]);
    expect(read[0]?.versions[0]).toMatchObject({ name: "shouted", artifact: { name: "shouted" } });
    expect(await api.get(versionPage, "/artifacts?name=shouted&cursor=1")).toEqual({ versions: [] });
    expect(await api.get(versionPage, "/artifacts?name=nothing")).toEqual({ versions: [] });
  });
});
