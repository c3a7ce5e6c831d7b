import { z } from "zod";
import { DelayHistogram, DelayTally } from "./delay-histogram.ts";

/** The delays of the flights that left one airport in one hour of the day. */
export const DelayCell = z.object({
  airport: z.string(),
  hour: z.int().min(0).max(23),
  histogram: DelayHistogram,
});
export type DelayCell = z.infer<typeof DelayCell>;

/** Flights, column by column: the same index in each is the same flight. */
export interface FlightColumns {
  readonly airports: readonly string[];
  readonly hours: Int32Array;
  readonly delays: Int32Array;
}

/** The cells of some flights, by airport, then hour. */
export function countDelays({ airports, hours, delays }: FlightColumns): DelayCell[] {
  const table = new CellTable();
  airports.forEach((airport, row) => table.tally(airport, hours[row] ?? Number.NaN).add(delays[row] ?? Number.NaN));
  return table.cells();
}

/** Adds up cells of the same airport and hour: the cells of all flights, whatever parts they were counted in. */
export function mergeCells(parts: readonly (readonly DelayCell[])[]): DelayCell[] {
  const table = new CellTable();
  for (const { airport, hour, histogram } of parts.flat()) table.tally(airport, hour).addAll(histogram);
  return table.cells();
}

class CellTable {
  readonly #airports = new Map<string, Map<number, DelayTally>>();

  tally(airport: string, hour: number): DelayTally {
    const hours = entry(this.#airports, airport, () => new Map<number, DelayTally>());
    return entry(hours, hour, () => new DelayTally());
  }

  /** Sorted, so that equal flights give equal bytes in whatever order they came. */
  cells(): DelayCell[] {
    return [...this.#airports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([airport, hours]) =>
        [...hours].sort(([a], [b]) => a - b).map(([hour, tally]) => ({ airport, hour, histogram: tally.histogram() })),
      );
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
