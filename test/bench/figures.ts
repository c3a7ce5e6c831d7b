import { measured, type Measure } from "./measure.ts";
import { priceOf } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** The most that a figure may be. */
export const budgets: Readonly<Record<string, number>> = {
  "inline.writes": 1,
  "isolated.writeUnits": 3,
  "isolated.reads": 2,
  "isolated.puts": 1,
  "isolated.invokes": 2,
  "chains.writeUnits": 4,
  "mapInGroups.writeUnits": 2.1,
  "map1000.writeUnitsPerItem": 2.1,
  "map1000.turns": 20,
  "map1000.journalEntries": 20,
  "map1000whole.writeUnitsPerItem": 2.1,
  "map1000spread.writeUnitsPerItem": 2.1,
  "map10000.writeUnitsPerItem": 2.1,
  "map10000.turns": 20,
  "map10000.journalEntries": 20,
  "usdPerMillion.isolated": 2.4,
  "usdPerMillion.isolated.withCompute": 2.95,
  "usdPerMillion.mapInGroups.withCompute": 1.95,
  "usdPerMillion.map.withCompute": 1.95,
  "usdPerMillion.map1000whole.withCompute": 1.95,
  "usdPerMillion.map1000spread.withCompute": 1.95,
  "usdPerMillion.map10000.withCompute": 1.95,
};

const counted = ["writes", "writeUnits", "reads", "readUnits", "failedConditions", "puts", "gets", "invokes", "logBytes"] as const;

/** The figures of one kind of work (`works.ts`), by what a unit of it took in each trial. `items`: of the map that the units are items of. */
export function figuresOf(work: string, trials: readonly Usage[], items: number | undefined): readonly Measure[] {
  const figure = (measure: string, unit: Measure["unit"], of: (usage: Usage) => number) =>
    measured(measure, unit, trials.map(of).map(rounded));
  const suffix = items === undefined ? "" : "PerItem";
  const figures = counted.map((quantity) => figure(`${work}.${quantity}${suffix}`, "count", (usage) => usage[quantity]));
  for (const quantity of ["turns", "journalEntries"] as const)
    figures.push(figure(`${work}.${quantity}`, "count", (usage) => usage[quantity] * (items ?? 1)));
  const usd = `usdPerMillion.${work === "map1000" ? "map" : work}`;
  figures.push(figure(usd, "USD", (usage) => priceOf(usage).requests));
  figures.push(
    figure(`${usd}.withCompute`, "USD", (usage) => {
      const { requests, compute } = priceOf(usage);
      return requests + compute;
    }),
  );
  figures.push(figure(`${usd}.s3`, "USD", (usage) => priceOf(usage).s3));
  figures.push(figure(`${usd}.logs`, "USD", (usage) => priceOf(usage).logs));
  return figures;
}

/** To thousandths: a run that is read again once among 40 steps is no fortieth of a read a step. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Figures with their budgets, for a table. */
export function judged(measures: readonly Measure[]): { readonly budgeted: readonly Measure[]; readonly missed: readonly string[] } {
  const budgeted = measures.filter(({ measure }) => measure in budgets);
  return {
    budgeted,
    missed: budgeted.filter(({ measure, value }) => value > (budgets[measure] ?? Infinity)).map(({ measure }) => measure),
  };
}
