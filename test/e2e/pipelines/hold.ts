import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

export const hold = step({ name: "hold", input: z.object({ ms: z.int() }), output: z.int(), runtime: "isolated" }, async ({ ms }) => {
  await pause(ms);
  return ms;
});

/** One isolated step, for which the run does nothing but wait. */
export const idle = pipeline({ name: "idle", params: z.object({ ms: z.int() }) }, ({ ms }) => hold({ ms }));
