import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

export const square = step({ name: "square", input: z.object({ n: z.int() }), output: z.int(), runtime: "isolated" }, ({ n }) => n * n);

export const sum = step({ name: "sum", input: z.object({ numbers: z.array(z.int()) }), output: z.int() }, ({ numbers }) =>
  numbers.reduce((sum, n) => sum + n, 0),
);

/** As many isolated steps as asked for, and one that takes all their results. */
export const squares = pipeline(
  { name: "squares", params: z.object({ items: z.int(), maxConcurrency: z.int() }) },
  async ({ items, maxConcurrency }) => {
    const all = square.map({ n: Array.from({ length: items }, (_, n) => n) }, { maxConcurrency });
    return { squares: all, sum: await sum({ numbers: all }) };
  },
);
