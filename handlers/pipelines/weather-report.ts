import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { Html } from "./html.ts";
import { loadWeather } from "./load-weather.ts";
import { Day } from "./weather-day.ts";
import { Extremes, findExtremes } from "./weather-extremes.ts";
import { describeMonths, Month, yearOf } from "./weather-month.ts";

const days = z.array(Day);
const year = z.int().min(2012).max(2015);

export const selectYear = step({ name: "select_year", input: z.object({ days, year }), output: days.min(1) }, ({ days, year }) =>
  days.filter((day) => yearOf(day) === year),
);

export const compareMonths = step(
  { name: "compare_months", input: z.object({ days, year }), output: z.array(Month), runtime: "isolated" },
  ({ days, year }) => describeMonths(days, year),
);

export const markExtremes = step({ name: "find_extremes", input: z.object({ days }), output: Extremes }, ({ days }) => findExtremes(days));

export const drawWeather = step(
  {
    name: "draw_weather",
    input: z.object({ year, days, months: z.array(Month), extremes: Extremes }),
    output: Html,
    runtime: "isolated",
    resources: { memoryMb: 512 },
  },
  async (content) => {
    const { weatherPage } = await import("./weather-page.ts");
    return weatherPage(content);
  },
);

/** A year of Seattle's weather beside the usual one, as a page with charts. */
export const weatherReport = pipeline(
  { name: "weather_report", mode: "static", params: z.strictObject({ year: year.default(2015) }) },
  ({ year }) => {
    const all = loadWeather();
    const days = selectYear({ days: all, year });
    const months = compareMonths({ days: all, year });
    const extremes = markExtremes({ days });
    return { months, report: drawWeather({ year, days, months, extremes }) };
  },
);
