import { z } from "zod";
import { step } from "../../src/index.ts";

/** Steps for pipelines of the tests; their functions never run here: outcomes come from the test. */
const any = z.looseObject({});
export const load = step({ name: "load", input: z.object({ city: z.string() }), output: z.array(z.number()) }, async () => []);
export const fit = step(
  { name: "fit", input: z.object({ days: z.array(z.number()), degree: z.number() }), outputs: { model: z.string(), rmse: z.number() } },
  async () => ({ model: "", rmse: 0 }),
);
export const take = step({ name: "take", input: any, output: z.number() }, async () => 0);
export const note = step({ name: "note", input: any }, async () => {});
export const patient = take.with({ retry: { maxRetries: 2, delay: "2s", backoff: 3 } });
