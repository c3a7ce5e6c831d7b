import { z } from "zod";
import { Day } from "./weather-day.ts";

/** One month of the year that is reported, beside the same month of all years. °C, and mm in the month. */
export const Month = z.object({
  month: z.int().min(1).max(12),
  tempMax: z.number(),
  tempMin: z.number(),
  precipitation: z.number(),
  /** The mean of all years. */
  usual: z.object({ tempMax: z.number(), tempMin: z.number(), precipitation: z.number() }),
  /** How many days were of which kind. */
  kinds: z.partialRecord(Day.shape.weather, z.int().min(1)),
});
export type Month = z.infer<typeof Month>;

/** The months of `year`, in order. Months without a day are left out. */
export function describeMonths(days: readonly Day[], year: number): Month[] {
  const byMonth = Map.groupBy(days, (day) => monthOf(day));
  return [...byMonth]
    .sort(([a], [b]) => a - b)
    .flatMap(([month, all]) => {
      const own = all.filter((day) => yearOf(day) === year);
      if (own.length === 0) return [];
      const years = new Set(all.map(yearOf)).size;
      return [{ month, ...climate(own, 1), usual: climate(all, years), kinds: countKinds(own) }];
    });
}

export function yearOf({ date }: Day): number {
  return Number(date.slice(0, 4));
}

function monthOf({ date }: Day): number {
  return Number(date.slice(5, 7));
}

function climate(days: readonly Day[], years: number): Month["usual"] {
  const sum = (value: (day: Day) => number): number => days.reduce((total, day) => total + value(day), 0);
  return {
    tempMax: sum((day) => day.tempMax) / days.length,
    tempMin: sum((day) => day.tempMin) / days.length,
    precipitation: sum((day) => day.precipitation) / years,
  };
}

function countKinds(days: readonly Day[]): Month["kinds"] {
  const kinds = Map.groupBy(days, ({ weather }) => weather);
  return Object.fromEntries([...kinds].map(([kind, some]) => [kind, some.length]));
}
