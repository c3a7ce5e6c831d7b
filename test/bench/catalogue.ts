import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";

const Count = z.object({ count: z.number().int() });

export const nothing = step({ name: "nothing", input: z.object({ n: z.number() }), output: z.number() }, ({ n }) => n);
export const elsewhere = step(
  { name: "elsewhere", input: z.object({ n: z.number() }), output: z.number(), runtime: "isolated" },
  ({ n }) => n,
);
const seeds = step({ name: "seeds", input: Count, output: z.array(z.number()) }, ({ count }) => Array.from({ length: count }, (_, i) => i));

/** One synchronous inline step after the other. */
export const inlineSteps = pipeline({ name: "inline_steps", params: Count }, async ({ count }) => {
  for (let n = 0; n < count; n++) await nothing({ n });
});

/** One isolated step after the other. */
export const isolatedSteps = pipeline({ name: "isolated_steps", params: Count }, async ({ count }) => {
  for (let n = 0; n < count; n++) await elsewhere({ n });
});

/** An inline map over a list artifact. */
export const inlineMap = pipeline({ name: "inline_map", params: Count }, async ({ count }) => nothing.map({ n: await seeds({ count }) }));
