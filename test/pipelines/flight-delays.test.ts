import { beforeAll, describe, expect, test } from "vitest";
import { countDelays, mergeCells } from "../../handlers/pipelines/delay-cell.ts";
import type { DelaySummary } from "../../handlers/pipelines/delay-histogram.ts";
import { worstFirst, type DelayStatistics } from "../../handlers/pipelines/delay-statistics.ts";
import { countGroup, drawReport, listRowGroups, loadPlaces, mergeDelays } from "../../handlers/pipelines/flight-delays.ts";
import { flightSummary } from "../../handlers/pipelines/flight-summary.ts";
import type { RowGroup } from "../../handlers/pipelines/row-group.ts";
import { flights, query } from "./duckdb.ts";

const minFlights = 1000;
const lateAfter = 15;
const quiet = { log: Object.assign(() => {}, { debug() {}, info() {}, warn() {}, error() {} }) };

interface Measured extends DelaySummary {
  readonly airport: string;
  readonly hour: number;
}

/** The same measures from DuckDB, which reads the file with its own reader and knows nothing of histograms. */
function measured(keys: readonly string[]): Promise<Measured[]> {
  const columns = keys.map((key) => (key === "hour" ? `hour("date")::DOUBLE AS "hour"` : `origin AS airport`));
  return query(`
    SELECT ${[...columns, ""].join(", ")}
      count(*)::DOUBLE AS flights, avg(delay) AS mean, median(delay) AS median, quantile_cont(delay, 0.95) AS p95,
      count(*) FILTER (delay >= ${lateAfter}) / count(*) AS late
    FROM ${flights} ${keys.length > 0 ? "GROUP BY ALL" : ""} ORDER BY ALL`);
}

function expectSame(ours: readonly DelaySummary[], theirs: readonly Measured[]): void {
  expect(ours.map(({ flights }) => flights)).toEqual(theirs.map(({ flights }) => flights));
  for (const [index, { mean, median, p95, late }] of theirs.entries()) {
    expect(ours[index]?.mean).toBeCloseTo(mean, 9);
    expect(ours[index]?.median).toBeCloseTo(median, 9);
    expect(ours[index]?.p95).toBeCloseTo(p95, 9);
    expect(ours[index]?.late).toBeCloseTo(late, 9);
  }
}

let groups: RowGroup[];
let statistics: DelayStatistics;

beforeAll(async () => {
  groups = await listRowGroups.run();
  const parts = [];
  for (const group of groups) parts.push(await countGroup.run({ group }, quiet));
  statistics = await mergeDelays.run({ parts, places: await loadPlaces.run(), minFlights, lateAfter });
});

describe("flight_delays, against DuckDB on the same file", () => {
  test("the row groups are the file's", async () => {
    const theirs = await query<{ index: number; rows: number }>(`
      SELECT DISTINCT row_group_id::DOUBLE AS "index", row_group_num_rows::DOUBLE AS "rows" FROM parquet_metadata(${flights}) ORDER BY 1`);
    expect(groups.map(({ index, rowStart, rowEnd }) => ({ index, rows: rowEnd - rowStart }))).toEqual(theirs);
    expect(groups.map(({ rowStart }) => rowStart)).toEqual([0, ...groups.map(({ rowEnd }) => rowEnd)].slice(0, groups.length));
  });

  test("all flights", async () => {
    expectSame([statistics.total], await measured([]));
    expect(statistics.total.flights).toBe(3_000_000);
  });

  test("each airport", async () => {
    const theirs = await measured(["airport"]);
    expect(statistics.airports.map(({ airport }) => airport)).toEqual(theirs.map(({ airport }) => airport));
    expectSame(statistics.airports, theirs);
  });

  test("each hour of departure", async () => {
    const theirs = await measured(["hour"]);
    expect(statistics.hours.map(({ hour }) => hour)).toEqual(theirs.map(({ hour }) => hour));
    expectSame(statistics.hours, theirs);
  });

  test("each airport and hour with enough flights, and no other", async () => {
    const theirs = (await measured(["airport", "hour"])).filter((cell) => cell.flights >= minFlights);
    expect(statistics.cells.map(({ airport, hour }) => ({ airport, hour }))).toEqual(
      theirs.map(({ airport, hour }) => ({ airport, hour })),
    );
    expectSame(statistics.cells, theirs);
  });
});

test("the worst airports come first, without those that have too few flights", () => {
  const worst = worstFirst(statistics.airports, minFlights);
  expect(worst.length).toBeLessThan(statistics.airports.length);
  expect(worst.every(({ flights }) => flights >= minFlights)).toBe(true);
  expect(worst.map(({ mean }) => mean)).toEqual(worst.map(({ mean }) => mean).toSorted((a, b) => b - a));
});

test("the order of the parts does not show in the result", () => {
  const some = countDelays({ airports: ["SEA", "ATL"], hours: Int32Array.of(7, 7), delays: Int32Array.of(3, -2) });
  const more = countDelays({ airports: ["ATL", "SEA"], hours: Int32Array.of(7, 6), delays: Int32Array.of(-2, 40) });
  expect(mergeCells([some, more])).toEqual(mergeCells([more, some]));
  expect(mergeCells([some, more])).toEqual([
    { airport: "ATL", hour: 7, histogram: { delays: [-2], counts: [2] } },
    { airport: "SEA", hour: 6, histogram: { delays: [40], counts: [1] } },
    { airport: "SEA", hour: 7, histogram: { delays: [3], counts: [1] } },
  ]);
});

test("the report shows the worst airports with their numbers, and asks for nothing from outside", async () => {
  const page = await drawReport.run({ statistics });
  const [worst] = worstFirst(statistics.airports, minFlights);
  expect(page).toContain(`<th scope="row">${worst?.airport}, ${worst?.place}</th><td>${worst?.flights.toLocaleString("en-US")}</td>`);
  expect(page.match(/<svg/g)).toHaveLength(3);
  expect(page.match(/<script|<link|<img|\bsrc=|@import|url\((?!#)/g)).toBeNull();
});

test("the summary names the worst airports and hours", () => {
  const summary = flightSummary(statistics);
  const [airport] = worstFirst(statistics.airports, minFlights);
  const [hour] = worstFirst(statistics.hours, minFlights);
  expect(summary).toMatch(new RegExp(String.raw`^ *${airport?.airport} .*${airport?.mean.toFixed(1)}`, "m"));
  expect(summary).toMatch(new RegExp(String.raw`^ *${String(hour?.hour).padStart(2, "0")}:00 .*${hour?.mean.toFixed(1)}`, "m"));
});
