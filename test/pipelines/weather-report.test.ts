import { beforeAll, describe, expect, test } from "vitest";
import { loadWeather } from "../../handlers/pipelines/load-weather.ts";
import type { Day } from "../../handlers/pipelines/weather-day.ts";
import { findExtremes } from "../../handlers/pipelines/weather-extremes.ts";
import { compareMonths, drawWeather, markExtremes, selectYear } from "../../handlers/pipelines/weather-report.ts";
import { query, weather } from "./duckdb.ts";

let all: Day[];

beforeAll(async () => {
  all = await loadWeather.run();
});

describe.each([2012, 2015])("the weather of %i, against DuckDB on the same file", (year) => {
  test("months, and the usual ones", async () => {
    const months = await compareMonths.run({ days: all, year });
    const theirs = await query<Record<string, number>>(`
      SELECT month(date)::DOUBLE AS month,
        avg(temp_max) FILTER (year(date) = ${year}) AS "tempMax", avg(temp_min) FILTER (year(date) = ${year}) AS "tempMin",
        sum(precipitation) FILTER (year(date) = ${year}) AS precipitation,
        avg(temp_max) AS "usualMax", avg(temp_min) AS "usualMin", sum(precipitation) / count(DISTINCT year(date)) AS "usualPrecipitation",
        ${["drizzle", "fog", "rain", "snow", "sun"].map((kind) => `count(*) FILTER (year(date) = ${year} AND weather = '${kind}')::DOUBLE AS ${kind}`).join(", ")}
      FROM read_csv(${weather}) GROUP BY month(date) ORDER BY 1`);
    const none = { drizzle: 0, fog: 0, rain: 0, snow: 0, sun: 0 };
    const ours = months.map(({ usual, kinds, ...month }) => ({
      ...month,
      ...none,
      ...kinds,
      usualMax: usual.tempMax,
      usualMin: usual.tempMin,
      usualPrecipitation: usual.precipitation,
    }));
    expect(ours).toHaveLength(12);
    for (const [index, row] of theirs.entries()) {
      for (const [name, value] of Object.entries(row))
        expect(Reflect.get(ours[index]!, name), `${name} of month ${index + 1}`).toBeCloseTo(value, 9);
    }
  });

  test("extremes", async () => {
    const extremes = await markExtremes.run({ days: await selectYear.run({ days: all, year }) });
    const first = (order: string): string => `(SELECT date::VARCHAR FROM days ORDER BY ${order}, date LIMIT 1)`;
    const [theirs] = await query(`
      WITH days AS (SELECT * FROM read_csv(${weather}) WHERE year(date) = ${year}),
      stretches AS (
        SELECT min(date) AS start, count(*) AS length
        FROM (SELECT date, date - row_number() OVER (ORDER BY date)::INTEGER AS island FROM days WHERE precipitation = 0) GROUP BY island)
      SELECT ${first("temp_max DESC")} AS hottest, ${first("temp_min")} AS coldest, ${first("precipitation DESC")} AS wettest,
        ${first("wind DESC")} AS windiest, start::VARCHAR AS "dryFrom", length::DOUBLE AS "dryDays"
      FROM stretches ORDER BY length DESC, start LIMIT 1`);
    const { hottest, coldest, wettest, windiest, dry } = extremes;
    expect({
      hottest: hottest.date,
      coldest: coldest.date,
      wettest: wettest.date,
      windiest: windiest.date,
      dryFrom: dry.from,
      dryDays: dry.days,
    }).toEqual(theirs);
  });
});

test("no days have no extremes, rainy days no dry stretch", () => {
  expect(() => findExtremes([])).toThrow(RangeError);
  const rainy = { ...all[0]!, precipitation: 3 };
  expect(findExtremes([rainy]).dry).toEqual({ from: rainy.date, days: 0 });
});

test("the page shows the months, and asks for nothing from outside", async () => {
  const days = await selectYear.run({ days: all, year: 2014 });
  const [months, extremes] = await Promise.all([compareMonths.run({ days: all, year: 2014 }), markExtremes.run({ days })]);
  const page = await drawWeather.run({ year: 2014, days, months, extremes });
  expect(page).toContain("Seattle&#39;s weather in 2014");
  expect(page.match(/<tr><th scope="row">/g)).toHaveLength(12);
  expect(page.match(/<svg/g)).toHaveLength(3);
  expect(page.match(/<script|<link|<img|\bsrc=|@import|url\((?!#)/g)).toBeNull();
});

test("a year without data is refused", async () => {
  await expect(selectYear.run({ days: all, year: 2011 })).rejects.toThrow("year");
});
