import type { TopLevelSpec } from "vega-lite";
import type { DelaySummary } from "./delay-histogram.ts";
import { worstFirst, type DelayStatistics } from "./delay-statistics.ts";
import { clock, minutes, share, whole } from "./quantity.ts";
import { renderPage, type Table } from "./page.ts";

const worstAirports = 20;
const busiestAirports = 25;
/** Few flights leave at four: delays build up from there, so the day is read from there. */
const hoursOfTheDay = Array.from({ length: 24 }, (_, index) => (index + 4) % 24);
const blue = "#3b82f6";
const amber = "#f59e0b";
const grey = "#94a3b8";

/** The delay statistics as a page of its own. */
export function flightReport(statistics: DelayStatistics): Promise<string> {
  const { total, minFlights, lateAfter, airports, hours } = statistics;
  const worst = worstFirst(airports, minFlights).slice(0, worstAirports);
  const judged = hours
    .filter(({ flights }) => flights >= minFlights)
    .sort((a, b) => hoursOfTheDay.indexOf(a.hour) - hoursOfTheDay.indexOf(b.hour));
  return renderPage({
    title: "How late flights arrive",
    lead: `${whole(total.flights)} flights in the United States, January to June 2001, by where and when they left.`,
    figures: [
      { value: whole(total.flights), label: "flights" },
      { value: minutes(total.mean), label: "mean delay" },
      { value: minutes(total.median), label: "median delay" },
      { value: minutes(total.p95), label: "95th percentile" },
      { value: share(total.late), label: `late ≥ ${lateAfter} min` },
    ],
    sections: [
      {
        heading: "By hour of departure",
        text: `Delays add up over the day: who leaves early arrives on time. Hours with fewer than ${whole(minFlights)} flights are left out.`,
        chart: hoursChart(statistics),
      },
      {
        heading: "The worst airports",
        text: `By mean arrival delay of the flights that left there, among airports with at least ${whole(minFlights)} flights.`,
        chart: airportsChart(statistics),
        table: table("airport", worst, ({ airport, place }) => `${airport}, ${place}`, lateAfter),
      },
      {
        heading: "By airport and hour",
        text: `Mean delay in minutes at the ${busiestAirports} busiest airports; blank where fewer than ${whole(minFlights)} flights left.`,
        chart: cellsChart(statistics),
      },
      {
        heading: "Hour by hour",
        text: "The same numbers as in the first chart.",
        table: table("hour", judged, ({ hour }) => clock(hour), lateAfter),
      },
    ],
    source: "Data: U.S. Bureau of Transportation Statistics, through the npm package vega-datasets (flights-3m.parquet).",
  });
}

function table<T extends DelaySummary>(name: string, rows: readonly T[], label: (row: T) => string, lateAfter: number): Table {
  return {
    columns: [name, "flights", "mean", "median", "95th percentile", `late ≥ ${lateAfter} min`],
    rows: rows.map((row) => [label(row), whole(row.flights), minutes(row.mean), minutes(row.median), minutes(row.p95), share(row.late)]),
  };
}

function hoursChart({ hours, minFlights }: DelayStatistics): TopLevelSpec {
  const values = hours
    .filter(({ flights }) => flights >= minFlights)
    .flatMap(({ hour, mean, median, p95 }) => [
      { hour, measure: "mean", value: mean },
      { hour, measure: "median", value: median },
      { hour, measure: "95th percentile", value: p95 },
    ]);
  const x = { field: "hour", type: "ordinal", sort: hoursOfTheDay, axis: { labelAngle: 0, title: "hour of departure" } } as const;
  const y = { field: "value", type: "quantitative", title: "minutes late" } as const;
  return {
    data: { values },
    resolve: { legend: { color: "independent" } },
    vconcat: [
      {
        title: "Mean and median",
        width: 830,
        height: 170,
        transform: [{ filter: "datum.measure !== '95th percentile'" }],
        mark: { type: "line", point: { size: 35 }, strokeWidth: 2 },
        encoding: {
          x: { ...x, axis: { ...x.axis, title: null } },
          y,
          color: {
            field: "measure",
            type: "nominal",
            scale: { domain: ["mean", "median"], range: [blue, grey] },
            legend: { title: null, orient: "top-left", offset: 8, symbolStrokeWidth: 2 },
          },
        },
      },
      {
        title: "95th percentile",
        width: 830,
        height: 130,
        transform: [{ filter: "datum.measure === '95th percentile'" }],
        mark: { type: "bar", color: amber },
        encoding: { x, y },
      },
    ],
  };
}

function airportsChart({ airports, minFlights }: DelayStatistics): TopLevelSpec {
  const values = worstFirst(airports, minFlights).slice(0, worstAirports);
  const panel = (field: "mean" | "p95" | "late", title: string, color: string, first: boolean) => ({
    title,
    width: 258,
    height: { step: 17 },
    mark: { type: "bar", color } as const,
    encoding: {
      y: {
        field: "airport",
        type: "nominal",
        sort: { field: "mean", order: "descending" },
        axis: first ? { title: null, ticks: false } : null,
      },
      x: { field, type: "quantitative", title: null, axis: { tickCount: 5, ...(field === "late" ? { format: "%" } : {}) } },
    } as const,
  });
  return {
    data: { values },
    hconcat: [
      panel("mean", "Mean, minutes", blue, true),
      panel("p95", "95th percentile, minutes", amber, false),
      panel("late", "Share of late flights", grey, false),
    ],
  };
}

function cellsChart({ airports, cells }: DelayStatistics): TopLevelSpec {
  const busiest = airports
    .toSorted((a, b) => b.flights - a.flights)
    .slice(0, busiestAirports)
    .map(({ airport }) => airport);
  return {
    data: { values: cells.filter(({ airport }) => busiest.includes(airport)) },
    width: 830,
    height: { step: 17 },
    mark: { type: "rect" },
    encoding: {
      x: {
        field: "hour",
        type: "ordinal",
        sort: hoursOfTheDay,
        scale: { paddingInner: 0.06 },
        axis: { labelAngle: 0, title: "hour of departure" },
      },
      y: { field: "airport", type: "nominal", sort: busiest, scale: { paddingInner: 0.1 }, axis: { title: null, ticks: false } },
      color: {
        field: "mean",
        type: "quantitative",
        scale: { scheme: "yelloworangered", domain: [-5, 30], clamp: true },
        legend: { title: "mean, minutes", gradientLength: 220, orient: "top", direction: "horizontal", tickCount: 5 },
      },
    },
  };
}
