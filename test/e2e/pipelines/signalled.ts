import { z } from "zod";
import { pipeline } from "../../../src/index.ts";
import { late } from "./stoppable.ts";

/** Waits for somebody's word, and for a second after it. */
export const signalled = pipeline({ name: "signalled" }, async (_, run) => {
  const word = await run.waitFor("word", { schema: z.string() });
  await run.sleep("1s");
  return late({ word });
});
