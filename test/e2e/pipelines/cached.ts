import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const words = z.array(z.string());

/** Larger than what lies in a row, so that its artifact is an object. */
export const spell = step(
  { name: "spell", input: z.object({ word: z.string(), times: z.int() }), output: words, runtime: "isolated", cache: true },
  ({ word, times }) => Array.from({ length: times }, (_, i) => `${word} ${i}`),
);

export const count = step({ name: "count", input: z.object({ words }), output: z.int() }, ({ words }) => words.length);

export const spelled = pipeline({ name: "spelled", params: z.object({ word: z.string(), times: z.int() }) }, async ({ word, times }) => {
  const words = await spell({ word, times });
  return { words, count: await count({ words }) };
});
