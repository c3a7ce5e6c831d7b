import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DelayStatistics } from "../../handlers/pipelines/delay-statistics.ts";
import { openEmbedded } from "../../src/adapters/local/embedded.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { describeDetail } from "../../src/observe/detail.ts";
import type { RunDetail } from "../../src/observe/resources.ts";
import { flights, query } from "./duckdb.ts";

const catalogue = join(import.meta.dirname, "../../handlers/pipelines/catalogue.ts");
let dir: string;
let engine: Engine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "skein-pipelines-"));
  engine = await openEmbedded({ dir, catalogue });
});

afterAll(async () => {
  await engine.close();
  await rm(dir, { recursive: true });
});

async function finished(pipeline: string, params: object): Promise<RunRecord> {
  const { run } = await engine.start(pipeline, params);
  const record = await engine.ended(run.id);
  expect(record.ended?.error).toBeUndefined();
  expect(record.ended?.status).toBe("completed");
  return record;
}

function artifact(record: RunRecord, output: string): ArtifactRef {
  const ref = record.ended?.outputs[output];
  if (ref === undefined || !("digest" in ref)) throw new Error(`no output ${output}`);
  return ref;
}

const load = (record: RunRecord, output: string): Promise<unknown> =>
  Promise.resolve(loadArtifact(artifact(record, output), undefined, { artifacts: engine.artifacts }));

const detail = (record: RunRecord): Promise<RunDetail> => describeDetail(engine, record.id, Date.now(), { items: true });

/** Where each step run ran, by its id. */
function places({ steps }: RunDetail): Record<string, string> {
  return Object.fromEntries(steps.map(({ id, attempts }) => [id, attempts.map(({ ranIn }) => ranIn.kind).join()]));
}

describe("flight_delays", () => {
  let record: RunRecord;
  beforeAll(async () => {
    record = await finished("flight_delays", { minFlights: 2000 });
  });

  test("counts all flights as DuckDB does", async () => {
    const statistics = DelayStatistics.parse(await load(record, "statistics"));
    const theirs = await query<{ airport: string; flights: number; mean: number; p95: number }>(`
      SELECT origin AS airport, count(*)::DOUBLE AS flights, avg(delay) AS mean, quantile_cont(delay, 0.95) AS p95
      FROM ${flights} GROUP BY origin ORDER BY origin`);
    expect(statistics.minFlights).toBe(2000);
    expect(statistics.airports.map(({ airport, flights }) => [airport, flights])).toEqual(
      theirs.map(({ airport, flights }) => [airport, flights]),
    );
    for (const [index, { mean, p95 }] of theirs.entries()) {
      expect(statistics.airports[index]?.mean).toBeCloseTo(mean, 9);
      expect(statistics.airports[index]?.p95).toBeCloseTo(p95, 9);
    }
  });

  test("counts each row group in another process than the one that runs the pipeline", async () => {
    const { steps, maps } = await detail(record);
    const counts = steps.filter(({ step }) => step === "count_delays");
    expect(maps.map(({ id, items }) => ({ id, items }))).toEqual([{ id: "count_delays", items: 11 }]);
    expect(counts.map(({ map }) => map?.index)).toEqual(Array.from({ length: 11 }, (_, index) => index));
    const pids = counts.flatMap(({ attempts }) => attempts.map(({ ranIn }) => ranIn.pid));
    expect(pids).toHaveLength(11);
    expect(pids.every((pid) => pid !== undefined && pid !== process.pid)).toBe(true);
    expect(counts.reduce((sum, { metadata }) => sum + Number(metadata["flights"]), 0)).toBe(3_000_000);
  });

  test("runs the other steps where they belong", async () => {
    expect(places(await detail(record))).toMatchObject({
      list_row_groups: "orchestrator",
      load_places: "thread",
      merge_delays: "orchestrator",
      draw_report: "process",
    });
  });

  test("ends in a page, stored as a page", async () => {
    const report = artifact(record, "report");
    expect(report.mediaType).toBe("text/html");
    const path = "key" in report.at ? engine.artifacts.localPath(report.at.key) : undefined;
    expect(await readFile(path!, "utf8")).toMatch(/^<!doctype html>[^]*<h1>How late flights arrive<\/h1>[^]*<svg/);
  });
});

describe("forecast", () => {
  const fits = ["fit_season_1", "fit_season_2", "fit_season_3", "fit_season_4"];

  test("refines the best model where the error asks for it, and gives the same again", async () => {
    const [first, second] = [await finished("forecast", {}), await finished("forecast", {})];
    const steps = await detail(first);
    expect(Object.keys(places(steps)).toSorted()).toEqual(["add_persistence", ...fits, "load_weather", "predict"]);
    for (const fit of [...fits, "add_persistence"]) expect(places(steps)[fit]).toBe("process");
    const best = steps.steps.find(({ step }) => step === "add_persistence")?.inputs.find(({ path }) => path === "model");
    expect(best).toMatchObject({ artifact: expect.stringContaining("fit_season_2") });
    expect(await load(first, "rmse")).toBeLessThan(3);
    for (const output of ["model", "rmse", "forecast"]) expect(artifact(second, output).digest).toBe(artifact(first, output).digest);
  });

  test("leaves a model alone that is good enough", async () => {
    const record = await finished("forecast", { goal: 4, horizon: 3 });
    expect(Object.keys(places(await detail(record))).toSorted()).toEqual([...fits, "load_weather", "predict"]);
    expect(await load(record, "model")).toMatchObject({ harmonics: 2, persistence: 0 });
    expect(await load(record, "forecast")).toMatchObject([{ date: "2016-01-01" }, { date: "2016-01-02" }, { date: "2016-01-03" }]);
  });

  test("refuses a candidate that comes twice, and a parameter that it does not know", async () => {
    await expect(engine.start("forecast", { harmonics: [1, 1] })).rejects.toThrow("each candidate once");
    await expect(engine.start("forecast", { harmonic: [1] })).rejects.toThrow("harmonic");
  });
});

describe("weather_report", () => {
  test("runs its graph, inline and isolated, and ends in a page", async () => {
    const record = await finished("weather_report", { year: 2013 });
    const run = await detail(record);
    expect(places(run)).toMatchObject({ load_weather: "thread", compare_months: "process", draw_weather: "process" });
    expect(Object.fromEntries(run.steps.map(({ id, upstream }) => [id, upstream.toSorted()]))).toEqual({
      load_weather: [],
      select_year: ["load_weather"],
      compare_months: ["load_weather"],
      find_extremes: ["select_year"],
      draw_weather: ["compare_months", "find_extremes", "select_year"],
    });
    expect(artifact(record, "report").mediaType).toBe("text/html");
    expect(await load(record, "report")).toContain("weather in 2013</h1>");
    expect(await load(record, "months")).toHaveLength(12);
  });
});
