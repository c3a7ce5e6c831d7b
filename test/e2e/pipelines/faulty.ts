import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const n = z.int();
/** Processes that are killed cost attempts: fewer than this in any run. */
const retry = { maxRetries: 12, delay: "100ms" } as const;
const isolated = { runtime: "isolated", operator: "brief", retry } as const;

/** Long enough to be killed in the middle, and says each time that it is executed. */
export const grow = step({ name: "grow", input: z.object({ n }), output: n, ...isolated }, async ({ n }, { log }) => {
  log("executed", { n });
  await pause(150);
  return n + 1;
});

/** Inline, so that the orchestrator is killed in the middle of it too. */
export const double = step({ name: "double", input: z.object({ n }), output: n, retry }, async ({ n }, { log }) => {
  log("executed", { n });
  await pause(100);
  return 2 * n;
});

export const total = step({ name: "total", input: z.object({ numbers: z.array(n) }), output: n, ...isolated }, ({ numbers }) =>
  numbers.reduce((sum, n) => sum + n, 0),
);

/** Chains side by side, a map, and what brings them together: each kind of message between functions is in it. */
export const mixed = pipeline(
  { name: "mixed", params: z.object({ chains: z.int(), length: z.int(), items: z.int() }) },
  async ({ chains, length, items }) => {
    const chain = async (start: number) => {
      let last = await double({ n: start });
      for (let link = 0; link < length; link++) last = await grow({ n: last }, { id: `grow_${start}_${link}` });
      return last;
    };
    const mapped = grow.map({ n: Array.from({ length: items }, (_, n) => n) }, { id: "grown" });
    const ends = await Promise.all(Array.from({ length: chains }, (_, start) => chain(start)));
    const fromChains = await total({ numbers: ends }, { id: "of_chains" });
    const fromItems = await total({ numbers: mapped }, { id: "of_items" });
    return { fromChains, fromItems, all: double({ n: await total({ numbers: [fromChains, fromItems] }, { id: "of_all" }) }) };
  },
);
