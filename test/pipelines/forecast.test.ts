import { beforeAll, expect, test } from "vitest";
import { addPersistence, fitSeasonModel, predictDays } from "../../handlers/pipelines/forecast.ts";
import { fitSeason, foldsOf, predict } from "../../handlers/pipelines/season-fit.ts";
import type { SeasonModel } from "../../handlers/pipelines/season-model.ts";
import { loadWeather } from "../../handlers/pipelines/load-weather.ts";
import type { Day } from "../../handlers/pipelines/weather-day.ts";
import { query, weather } from "./duckdb.ts";

const folds = 5;
const quiet = { log: Object.assign(() => {}, { debug() {}, info() {}, warn() {}, error() {} }) };
let days: Day[];

beforeAll(async () => {
  days = await loadWeather.run();
});

/** The functions that the wave is made of, in SQL; `n` is the day's number since 1970. */
function basis(harmonics: number): string[] {
  const waves = Array.from({ length: harmonics }, (_, index) => `2 * pi() * ${index + 1} * n / 365.2425`);
  return ["1", ...waves.flatMap((angle) => [`cos(${angle})`, `sin(${angle})`])];
}

/** Rows `i, n, date, temp, wave, residual` of all days. */
function residuals({ harmonics, coefficients }: SeasonModel): string {
  const wave = basis(harmonics)
    .map((term, index) => `${coefficients[index]}::DOUBLE * ${term}`)
    .join(" + ");
  return `
    WITH numbered AS (
      SELECT row_number() OVER (ORDER BY date) - 1 AS i, date_diff('day', DATE '1970-01-01', date) AS n, date, temp_max AS temp
      FROM read_csv(${weather})),
    waved AS (SELECT *, ${wave} AS wave FROM numbered),
    residuals AS (SELECT *, temp - wave AS residual FROM waved)`;
}

test("the days are those that DuckDB reads", async () => {
  const theirs = await query(`
    SELECT date::VARCHAR AS date, precipitation, temp_max AS "tempMax", temp_min AS "tempMin", wind, weather
    FROM read_csv(${weather}) ORDER BY date`);
  expect(days).toEqual(theirs);
});

test.each([0, 1, 2, 3, 4])(
  "no wave of %i harmonics is nearer: what it leaves over is orthogonal to all that it is made of",
  async (harmonics) => {
    const model = fitSeason(days, harmonics);
    const products = basis(harmonics).map((term, index) => `sum(residual * ${term}) AS p${index}`);
    const [row = {}] = await query(`${residuals(model)} SELECT ${products.join(", ")} FROM residuals`);
    expect(Object.values(row)).toHaveLength(1 + 2 * harmonics);
    for (const product of Object.values(row)) expect(product).toBeCloseTo(0, 6);
  },
);

test("the fit of a straight mean is DuckDB's average, and of an unseen stretch not the average of all", async () => {
  const [theirs] = await query<{ mean: number }>(`SELECT avg(temp_max) AS mean FROM read_csv(${weather})`);
  expect(fitSeason(days, 0).coefficients[0]).toBeCloseTo(theirs!.mean, 9);
  expect(fitSeason(days.slice(300), 0).coefficients[0]).not.toBeCloseTo(theirs!.mean, 3);
});

test("the cross-validated error of the wave is DuckDB's error of each fold by a model of the others", async () => {
  const harmonics = 2;
  let squares = 0;
  for (const { from, to } of foldsOf(days, folds)) {
    const model = fitSeason([...days.slice(0, from), ...days.slice(to)], harmonics);
    const [fold] = await query<{ sum: number }>(
      `${residuals(model)} SELECT sum(residual * residual) AS sum FROM residuals WHERE i >= ${from} AND i < ${to}`,
    );
    squares += fold!.sum;
  }
  const { rmse } = await fitSeasonModel.run({ days, harmonics, folds }, quiet);
  expect(rmse).toBeCloseTo(Math.sqrt(squares / days.length), 9);
});

test("the folds cover each day once", () => {
  const covered = foldsOf(days, folds).flatMap(({ from, to }) => days.slice(from, to));
  expect(covered).toEqual(days);
});

test("persistence is the regression of what is left over on yesterday's, and makes the error smaller", async () => {
  const { model, rmse } = await fitSeasonModel.run({ days, harmonics: 2, folds }, quiet);
  const refined = await addPersistence.run({ days, model, folds }, quiet);
  const [theirs] = await query<{ slope: number }>(`
    ${residuals(model)}, pairs AS (SELECT residual AS now, lag(residual) OVER (ORDER BY i) AS before FROM residuals)
    SELECT sum(now * before) / sum(before * before) AS slope FROM pairs WHERE before IS NOT NULL`);
  expect(refined.model.persistence).toBeCloseTo(theirs!.slope, 9);
  expect(refined.model.coefficients).toEqual(model.coefficients);
  expect(refined.rmse).toBeLessThan(rmse - 0.5);
});

test("the forecast goes on from the last day: the wave, and what is left of yesterday's distance from it", async () => {
  const model = { ...fitSeason(days, 2), persistence: 0.6 };
  const theirs = await query<{ date: string; tempMax: number }>(`
    ${residuals(model)}, last AS (SELECT * FROM residuals ORDER BY i DESC LIMIT 1),
    ahead AS (SELECT h, last.n + h AS n, last.date + h::INTEGER AS date, residual FROM last, range(1, 8) AS r(h))
    SELECT date::VARCHAR AS date, ${basis(2)
      .map((term, index) => `${model.coefficients[index]}::DOUBLE * ${term}`)
      .join(" + ")}
      + residual * pow(0.6, h) AS "tempMax" FROM ahead ORDER BY h`);
  const ours = await predictDays.run({ days, model, horizon: 7 });
  expect(ours.map(({ date }) => date)).toEqual(theirs.map(({ date }) => date));
  for (const [index, { tempMax }] of theirs.entries()) expect(ours[index]?.tempMax).toBeCloseTo(tempMax, 9);
});

test("too few days are refused, with both numbers", () => {
  expect(() => fitSeason(days.slice(0, 4), 2)).toThrow("5 coefficients need at least as many days, and there are 4");
  expect(() => predict([], fitSeason(days, 1), 3)).toThrow("there is none");
});
