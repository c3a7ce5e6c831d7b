import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

/** Goes well the second time, two seconds later. */
export const stumble = step(
  { name: "stumble", output: z.int(), runtime: "isolated", retry: { maxRetries: 1, delay: "2s" } },
  (_, { attempt }) => {
    if (attempt === 1) throw new Error("stumbled");
    return attempt;
  },
);

export const delayed = pipeline({ name: "delayed" }, () => stumble());
