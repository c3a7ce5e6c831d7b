import { randomInt } from "node:crypto";
import type { BenchStack } from "./bench-stack.ts";
import { each, minus, slope, times, type Sized, type Usage } from "./usage.ts";

export const stacks = ["Default", "Baton", "InlineValues"] as const;

/** A kind of work, and how to find what one unit of it takes. */
export interface Work {
  readonly name: string;
  readonly about: string;
  readonly stack: (typeof stacks)[number];
  /** What a unit takes, in one trial. */
  readonly measure: (stack: BenchStack) => Promise<Usage>;
  /** Who comes first is chance in all of them; the figures are medians. Default 1. */
  readonly trials?: number;
  /** Of the map whose items are the units. */
  readonly items?: number;
  /** Is measured only when asked for. */
  readonly isSlow?: true;
}

/** What a step takes beyond the run that it is in: by two runs of different length. */
function ofSteps(pipeline: string, small = 5, large = 45) {
  return async (stack: BenchStack): Promise<Usage> => slope(await sized(stack, pipeline, small), await sized(stack, pipeline, large));
}

/** An item of one map, with its part of all that the map and its run take. */
function ofItems(items: number, params: object = {}, pipeline = "mapped") {
  return { items, measure: async (stack: BenchStack): Promise<Usage> => each(await sized(stack, pipeline, items, params)) };
}

async function sized(stack: BenchStack, pipeline: string, size: number, params: object = {}): Promise<Sized> {
  return { size, usage: await stack.usageOfRun(pipeline, { count: size, ...params }) };
}

/** Steps with these numbers have never been run: nothing of theirs is cached. */
const unseen = (): object => ({ from: randomInt(1e12) });
/** As many items at once as an emulator on a small machine has room for. */
const lanes = { maxConcurrency: 40 };

export const works: readonly Work[] = [
  {
    name: "run",
    about: "a run and its start, without its steps",
    stack: "Default",
    trials: 3,
    measure: async (stack) => {
      const [small, large] = [await sized(stack, "inline", 5), await sized(stack, "inline", 45)];
      return minus(small.usage, times(small.size, slope(small, large)));
    },
  },
  { name: "inline", about: "inline steps, one after the other", stack: "Default", trials: 3, measure: ofSteps("inline") },
  { name: "isolated", about: "isolated steps, one after the other", stack: "Default", trials: 3, measure: ofSteps("isolated") },
  { name: "handed", about: "the same, each with the last one's output", stack: "Default", trials: 3, measure: ofSteps("handed") },
  { name: "chains", about: "isolated steps in four chains at once", stack: "Default", trials: 3, measure: ofSteps("chains", 8, 48) },
  {
    name: "cacheable",
    about: "isolated steps with a cache, new ones",
    stack: "Default",
    measure: async (stack) => slope(await sized(stack, "cacheable", 5, unseen()), await sized(stack, "cacheable", 45, unseen())),
  },
  {
    name: "cached",
    about: "the same, cached",
    stack: "Default",
    measure: async (stack) => {
      const seen = unseen();
      await stack.usageOfRun("cacheable", { count: 45, ...seen });
      return slope(await sized(stack, "cacheable", 5, seen), await sized(stack, "cacheable", 45, seen));
    },
  },
  {
    name: "mapInGroups",
    about: "items of a small map, all at once",
    stack: "Default",
    trials: 3,
    measure: ofSteps("mapped", 32, 64),
  },
  { name: "map1000", about: "items of a map of 1,000, in 40 lanes", stack: "Default", ...ofItems(1_000, lanes) },
  { name: "map1000whole", about: "the same all at once, in groups of 32", stack: "Default", ...ofItems(1_000), isSlow: true },
  {
    name: "map1000spread",
    about: "the same, of items that take up to 20 s",
    stack: "Default",
    ...ofItems(1_000, {}, "spread"),
    isSlow: true,
  },
  { name: "map10000", about: "items of a map of 10,000, in 500 lanes", stack: "Default", ...ofItems(10_000), isSlow: true },
  { name: "baton", about: "isolated steps, with the baton", stack: "Baton", trials: 3, measure: ofSteps("isolated") },
  { name: "inlineValues.inline", about: "inline steps, values in rows", stack: "InlineValues", measure: ofSteps("inline") },
  {
    name: "inlineValues.isolated",
    about: "isolated steps, values in rows",
    stack: "InlineValues",
    trials: 3,
    measure: ofSteps("isolated"),
  },
  {
    name: "inlineValues.handed",
    about: "the same, each with the last one's output",
    stack: "InlineValues",
    trials: 3,
    measure: ofSteps("handed"),
  },
];
