import { randomInt } from "node:crypto";
import type { BenchStack } from "./bench-stack.ts";
import { each, minus, slope, times, type Sized, type Usage } from "./usage.ts";

export type StackName = "Default" | "Baton" | "InlineValues";

/** A kind of work, and how to find what one unit of it takes. */
export interface Work {
  readonly name: string;
  readonly unit: "step" | "item" | "run";
  readonly stack: StackName;
  /** The unit's usage in each of so many trials that may differ, since who comes first in them is chance. */
  readonly measure: (stack: BenchStack) => Promise<readonly Usage[]>;
  /** Not measured unless asked for. */
  readonly isSlow?: true;
}

/** What a step takes beyond the run that it is in: by two runs of different length. */
function steps(pipeline: string, small = 5, large = 45, trials = 1) {
  return (stack: BenchStack): Promise<readonly Usage[]> =>
    repeat(trials, async () => slope(await sized(stack, pipeline, small), await sized(stack, pipeline, large)));
}

/** The items of one map, with all that the map and its run take. */
function items(count: number) {
  return async (stack: BenchStack): Promise<readonly Usage[]> => [each(await sized(stack, "mapped", count))];
}

async function sized(stack: BenchStack, pipeline: string, size: number, params: object = {}): Promise<Sized> {
  return { size, usage: await stack.usageOfRun(pipeline, { count: size, ...params }) };
}

async function repeat(trials: number, trial: () => Promise<Usage>): Promise<readonly Usage[]> {
  const usages: Usage[] = [];
  for (let i = 0; i < trials; i++) usages.push(await trial());
  return usages;
}

/** No run of this emulator's life has had steps with numbers from there on. */
const unseen = (): number => randomInt(1e12);

export const works: readonly Work[] = [
  {
    name: "run",
    unit: "run",
    stack: "Default",
    measure: async (stack) => {
      const [small, large] = [await sized(stack, "inline", 5), await sized(stack, "inline", 45)];
      return [minus(small.usage, times(small.size, slope(small, large)))];
    },
  },
  { name: "inline", unit: "step", stack: "Default", measure: steps("inline") },
  { name: "isolated", unit: "step", stack: "Default", measure: steps("isolated") },
  { name: "handed", unit: "step", stack: "Default", measure: steps("handed") },
  { name: "chains", unit: "step", stack: "Default", measure: steps("chains", 8, 48, 3) },
  {
    name: "cacheable",
    unit: "step",
    stack: "Default",
    measure: async (stack) => {
      const [small, large] = [await sized(stack, "cacheable", 5, { from: unseen() }), await sized(stack, "cacheable", 45, { from: unseen() })];
      return [slope(small, large)];
    },
  },
  {
    name: "cached",
    unit: "step",
    stack: "Default",
    measure: async (stack) => {
      const from = unseen();
      await stack.usageOfRun("cacheable", { count: 45, from });
      return [slope(await sized(stack, "cacheable", 5, { from }), await sized(stack, "cacheable", 45, { from }))];
    },
  },
  { name: "map480", unit: "item", stack: "Default", measure: items(480) },
  { name: "map1000", unit: "item", stack: "Default", measure: items(1_000) },
  { name: "map10000", unit: "item", stack: "Default", measure: items(10_000), isSlow: true },
  { name: "baton", unit: "step", stack: "Baton", measure: steps("isolated") },
  { name: "inlineValues.inline", unit: "step", stack: "InlineValues", measure: steps("inline") },
  { name: "inlineValues.isolated", unit: "step", stack: "InlineValues", measure: steps("isolated") },
  { name: "inlineValues.handed", unit: "step", stack: "InlineValues", measure: steps("handed") },
  { name: "inlineValues.map1000", unit: "item", stack: "InlineValues", measure: items(1_000) },
];

/** What each kind of work is, for whoever reads the table. */
export const descriptions: Readonly<Record<string, string>> = {
  run: "a run with its start, without steps",
  inline: "inline steps, one after the other",
  isolated: "isolated steps, one after the other",
  handed: "the same, each with the output of the one before",
  chains: "isolated steps in four chains side by side",
  cacheable: "isolated steps with a cache, not cached yet",
  cached: "the same again, cached",
  map480: "items of a map of 480: groups of 32",
  map1000: "items of a map of 1,000: 500 lanes",
  map10000: "items of a map of 10,000: 500 lanes",
  baton: "isolated steps, with the baton",
  "inlineValues.inline": "inline steps, with values in rows",
  "inlineValues.isolated": "isolated steps, with values in rows",
  "inlineValues.handed": "each with the output of the one before, values in rows",
  "inlineValues.map1000": "items of a map of 1,000, with values in rows",
};
