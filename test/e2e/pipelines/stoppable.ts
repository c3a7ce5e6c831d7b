import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const output = z.string();

/** Lasts a minute, if nobody stops it. */
export const patient = step({ name: "patient", output, runtime: "isolated" }, async (_, { signal, log }) => {
  log("begun");
  signal.addEventListener("abort", () => log("asked to stop"));
  await pause(60_000, undefined, { signal });
  return "never stopped";
});

export const late = step({ name: "late", input: z.object({ word: z.string() }), output, runtime: "isolated" }, ({ word }) => word);

export const stoppable = pipeline({ name: "stoppable" }, async () => late({ word: await patient() }));
