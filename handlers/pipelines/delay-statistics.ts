import { z } from "zod";
import { mergeCells, type DelayCell } from "./delay-cell.ts";
import { DelaySummary, DelayTally, summarizeDelays } from "./delay-histogram.ts";

const AirportDelays = DelaySummary.extend({
  airport: z.string(),
  /** Its town and state, or the code again where nobody knows. */
  place: z.string(),
});
const HourDelays = DelaySummary.extend({ hour: z.int().min(0).max(23) });

/** How late flights were, in all and by where and when they left. */
export const DelayStatistics = z.object({
  /** Fewer flights than this say little: left out of `cells` and of every ranking. */
  minFlights: z.int().min(1),
  /** Minutes from which a flight counts as late. */
  lateAfter: z.int().min(0),
  total: DelaySummary,
  airports: z.array(AirportDelays),
  hours: z.array(HourDelays),
  /** By airport and hour, where at least `minFlights` flights left. */
  cells: z.array(HourDelays.extend({ airport: z.string() })),
});
export type DelayStatistics = z.infer<typeof DelayStatistics>;
export type AirportDelays = z.infer<typeof AirportDelays>;
export type HourDelays = z.infer<typeof HourDelays>;

export interface StatisticsOptions {
  readonly minFlights: number;
  readonly lateAfter: number;
  /** By airport code. */
  readonly places: Readonly<Record<string, string>>;
}

/** The statistics of all flights from the cells of their parts. */
export function delayStatistics(parts: readonly (readonly DelayCell[])[], options: StatisticsOptions): DelayStatistics {
  const { minFlights, lateAfter, places } = options;
  const cells = mergeCells(parts);
  const summary = (some: readonly DelayCell[]): DelaySummary => summarizeDelays(together(some), lateAfter);
  const airports = Map.groupBy(cells, (cell) => cell.airport);
  const hours = Map.groupBy(cells, (cell) => cell.hour);
  return {
    minFlights,
    lateAfter,
    total: summary(cells),
    airports: [...airports].map(([airport, some]) => ({ airport, place: places[airport] ?? airport, ...summary(some) })),
    hours: [...hours].map(([hour, some]) => ({ hour, ...summary(some) })).sort((a, b) => a.hour - b.hour),
    cells: cells
      .map((cell) => ({ airport: cell.airport, hour: cell.hour, ...summary([cell]) }))
      .filter(({ flights }) => flights >= minFlights),
  };
}

function together(cells: readonly DelayCell[]): DelayCell["histogram"] {
  const tally = new DelayTally();
  for (const { histogram } of cells) tally.addAll(histogram);
  return tally.histogram();
}

/** Those with enough flights to judge, the latest on average first. */
export function worstFirst<T extends DelaySummary>(rows: readonly T[], minFlights: number): T[] {
  return rows.filter(({ flights }) => flights >= minFlights).sort((a, b) => b.mean - a.mean);
}
