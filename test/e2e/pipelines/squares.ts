import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

export const square = step({ name: "square", input: z.object({ n: z.int() }), output: z.int(), runtime: "isolated" }, ({ n }) => n * n);

export const collect = step(
  { name: "collect", input: z.object({ numbers: z.array(z.int()) }), output: z.array(z.int()) },
  ({ numbers }) => numbers,
);

/** As many isolated steps as asked for, and one that takes all their results. */
export const squares = pipeline(
  { name: "squares", params: z.object({ items: z.int(), maxConcurrency: z.int() }) },
  async ({ items, maxConcurrency }) =>
    collect({ numbers: square.map({ n: Array.from({ length: items }, (_, n) => n) }, { maxConcurrency }) }),
);
