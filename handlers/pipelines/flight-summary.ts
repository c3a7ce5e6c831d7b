import type { DelaySummary } from "./delay-histogram.ts";
import { worstFirst, type DelayStatistics } from "./delay-statistics.ts";
import { clock, decimal, share, whole } from "./quantity.ts";

const airportsShown = 10;
const hoursShown = 5;
const nameWidth = 32;
const numberWidth = 10;

/** The worst airports and hours as lines for a terminal. */
export function flightSummary(statistics: DelayStatistics): string {
  const { total, minFlights, lateAfter, airports, hours } = statistics;
  const head = (name: string): string => line(name, ["flights", "mean", "median", "95th %", `≥ ${lateAfter} min`]);
  return [
    `${whole(total.flights)} flights: ${decimal(total.mean)} minutes late on average, ${share(total.late)} late by ${lateAfter} minutes or more.`,
    `Worst first; only with ${whole(minFlights)} flights or more. Minutes late on arrival.`,
    "",
    head("airport"),
    ...worstFirst(airports, minFlights)
      .slice(0, airportsShown)
      .map((row) => line(`${row.airport} ${row.place}`, numbers(row))),
    "",
    head("hour of departure"),
    ...worstFirst(hours, minFlights)
      .slice(0, hoursShown)
      .map((row) => line(clock(row.hour), numbers(row))),
  ].join("\n");
}

function numbers({ flights, mean, median, p95, late }: DelaySummary): string[] {
  return [whole(flights), decimal(mean), decimal(median), decimal(p95), share(late)];
}

function line(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(numberWidth)).join("")}`;
}
