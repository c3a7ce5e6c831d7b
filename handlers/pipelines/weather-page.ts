import type { TopLevelSpec } from "vega-lite";
import { renderPage } from "./page.ts";
import { decimal, whole } from "./quantity.ts";
import type { Day } from "./weather-day.ts";
import type { Extremes } from "./weather-extremes.ts";
import type { Month } from "./weather-month.ts";

export interface WeatherYear {
  readonly year: number;
  readonly days: readonly Day[];
  readonly months: readonly Month[];
  readonly extremes: Extremes;
}

const warm = "#f97316";
const blue = "#3b82f6";
const kindColors = { sun: "#fbbf24", fog: "#94a3b8", drizzle: "#7dd3fc", rain: "#3b82f6", snow: "#c4b5fd" };

/** A year's weather as a page of its own. */
export function weatherPage({ year, days, months, extremes }: WeatherYear): Promise<string> {
  const { hottest, coldest, wettest, windiest, dry } = extremes;
  return renderPage({
    title: `Seattle's weather in ${year}`,
    lead: `${days.length} days, beside what is usual in the years 2012 to 2015.`,
    figures: [
      { value: `${decimal(hottest.tempMax)} °C`, label: `hottest, ${dayName(hottest.date)}` },
      { value: `${decimal(coldest.tempMin)} °C`, label: `coldest, ${dayName(coldest.date)}` },
      { value: `${decimal(wettest.precipitation)} mm`, label: `wettest, ${dayName(wettest.date)}` },
      { value: `${decimal(windiest.wind)} m/s`, label: `windiest, ${dayName(windiest.date)}` },
      { value: `${dry.days} days`, label: `without rain, from ${dayName(dry.from)}` },
    ],
    sections: [
      {
        heading: "Temperature",
        text: "Each day from its lowest to its highest; the lines are what is usual in the month.",
        chart: temperatureChart(days, months, year),
      },
      {
        heading: "Rain and snow",
        text: "What fell in each month; the marks are what is usual.",
        chart: precipitationChart(months),
      },
      {
        heading: "Kinds of days",
        text: "How many days of each month were of which kind.",
        chart: kindsChart(months),
        table: {
          columns: ["month", "highest, °C", "usual", "lowest, °C", "usual", "rain, mm", "usual"],
          rows: months.map(({ month, tempMax, tempMin, precipitation, usual }) => [
            monthName(month),
            decimal(tempMax),
            decimal(usual.tempMax),
            decimal(tempMin),
            decimal(usual.tempMin),
            whole(precipitation),
            whole(usual.precipitation),
          ]),
        },
      },
    ],
    source: "Data: NOAA, through the npm package vega-datasets (seattle-weather.csv).",
  });
}

function temperatureChart(days: readonly Day[], months: readonly Month[], year: number): TopLevelSpec {
  const usual = months.flatMap(({ month, usual: { tempMax, tempMin } }) => {
    const date = `${year}-${String(month).padStart(2, "0")}-15`;
    return [
      { date, measure: "usual highest", value: tempMax },
      { date, measure: "usual lowest", value: tempMin },
    ];
  });
  const x = { field: "date", type: "temporal", timeUnit: "utcyearmonthdate", title: null, axis: { format: "%b", tickCount: 12 } } as const;
  return {
    width: 820,
    height: 240,
    layer: [
      {
        data: { values: days.map(({ date, tempMax, tempMin }) => ({ date, tempMax, tempMin })) },
        mark: { type: "rule", color: "#94a3b8", opacity: 0.55, strokeWidth: 1.5 },
        encoding: { x, y: { field: "tempMin", type: "quantitative", title: "°C" }, y2: { field: "tempMax" } },
      },
      {
        data: { values: usual },
        mark: { type: "line", interpolate: "monotone", strokeWidth: 2 },
        encoding: {
          x,
          y: { field: "value", type: "quantitative" },
          color: {
            field: "measure",
            type: "nominal",
            scale: { domain: ["usual highest", "usual lowest"], range: [warm, blue] },
            legend: { title: null, orient: "top-left" },
          },
        },
      },
    ],
  };
}

function precipitationChart(months: readonly Month[]): TopLevelSpec {
  return {
    data: {
      values: months.map(({ month, precipitation, usual }) => ({ month: monthName(month), precipitation, usual: usual.precipitation })),
    },
    width: 820,
    height: 160,
    encoding: { x: { field: "month", type: "ordinal", sort: null, title: null, axis: { labelAngle: 0 } } },
    layer: [
      {
        mark: { type: "bar", color: blue },
        encoding: { y: { field: "precipitation", type: "quantitative", title: "mm" } },
      },
      { mark: { type: "tick", color: warm, opacity: 1, thickness: 3 }, encoding: { y: { field: "usual", type: "quantitative" } } },
    ],
  };
}

function kindsChart(months: readonly Month[]): TopLevelSpec {
  return {
    data: {
      values: months.flatMap(({ month, kinds }) => Object.entries(kinds).map(([kind, days]) => ({ month: monthName(month), kind, days }))),
    },
    width: 820,
    height: 160,
    mark: { type: "bar" },
    encoding: {
      x: { field: "month", type: "ordinal", sort: null, title: null, axis: { labelAngle: 0 } },
      y: { field: "days", type: "quantitative", title: "days" },
      color: {
        field: "kind",
        type: "nominal",
        scale: { domain: Object.keys(kindColors), range: Object.values(kindColors) },
        legend: { title: null, orient: "top", direction: "horizontal" },
      },
    },
  };
}

const dayFormat = new Intl.DateTimeFormat("en-US", { day: "numeric", month: "short", timeZone: "UTC" });
const monthFormat = new Intl.DateTimeFormat("en-US", { month: "short", timeZone: "UTC" });

function dayName(date: string): string {
  return dayFormat.format(new Date(date));
}

function monthName(month: number): string {
  return monthFormat.format(new Date(Date.UTC(2015, month - 1)));
}
