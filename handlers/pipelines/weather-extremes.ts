import { z } from "zod";
import { Day } from "./weather-day.ts";

/** The days of a year that stand out; of equal ones the first. */
export const Extremes = z.object({
  hottest: Day,
  coldest: Day,
  wettest: Day,
  windiest: Day,
  /** The longest stretch of days without rain or snow. */
  dry: z.object({ from: z.iso.date(), days: z.int().min(0) }),
});
export type Extremes = z.infer<typeof Extremes>;

/** @throws RangeError if there are no days. */
export function findExtremes(days: readonly Day[]): Extremes {
  return {
    hottest: highest(days, (day) => day.tempMax),
    coldest: highest(days, (day) => -day.tempMin),
    wettest: highest(days, (day) => day.precipitation),
    windiest: highest(days, (day) => day.wind),
    dry: longestDry(days),
  };
}

function highest(days: readonly Day[], measure: (day: Day) => number): Day {
  const [first, ...rest] = days;
  if (first === undefined) throw new RangeError("No days, no extremes.");
  return rest.reduce((best, day) => (measure(day) > measure(best) ? day : best), first);
}

function longestDry(days: readonly Day[]): Extremes["dry"] {
  let longest = { from: days[0]?.date ?? "", days: 0 };
  let current = longest;
  for (const { date, precipitation } of days) {
    if (precipitation > 0) current = { from: date, days: 0 };
    else current = { from: current.days === 0 ? date : current.from, days: current.days + 1 };
    if (current.days > longest.days) longest = current;
  }
  return longest;
}
