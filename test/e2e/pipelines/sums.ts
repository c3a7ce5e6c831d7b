import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const input = z.object({ total: z.int(), amount: z.int(), ms: z.int() });

/** Takes its time, as an isolated step or as an inline one. */
export const addApart = step({ name: "add_apart", input, output: z.int(), runtime: "isolated" }, async ({ total, amount, ms }) => {
  await pause(ms);
  return total + amount;
});

export const addHere = step({ name: "add_here", input, output: z.int() }, async ({ total, amount, ms }) => {
  await pause(ms);
  return total + amount;
});

/** A chain of isolated steps, one after the other, with an inline one after every `inlineEvery`th. */
export const longSum = pipeline(
  { name: "long_sum", params: z.object({ steps: z.int(), inlineEvery: z.int(), ms: z.int() }) },
  async ({ steps, inlineEvery, ms }) => {
    let total = await addHere({ total: 0, amount: 0, ms: 0 });
    for (let amount = 1; amount <= steps; amount++) {
      total = await addApart({ total, amount, ms });
      if (amount % inlineEvery === 0) total = await addHere({ total, amount: 1_000, ms });
    }
    return total;
  },
);

/** Works without ever waiting, for longer than a turn may last. */
export const busySum = pipeline({ name: "busy_sum", params: z.object({ steps: z.int(), ms: z.int() }) }, async ({ steps, ms }) => {
  let total = await addHere({ total: 0, amount: 0, ms: 0 });
  for (let amount = 1; amount <= steps; amount++) total = await addHere({ total, amount, ms });
  return total;
});
