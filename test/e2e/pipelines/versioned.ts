import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const output = z.string();

/** The same names in each version of the code; what they say tells which one ran. */
export function versionedPipelines(version: string) {
  /** Lasts until there is something at an address, and fails then: its retry is still to come. */
  const waitFor = step(
    { name: "wait_for", input: z.object({ url: z.string() }), output, runtime: "isolated", retry: { maxRetries: 1, delay: "1s" } },
    async ({ url }, { attempt, signal }) => {
      while ((await fetch(url, { signal })).status !== 200) await pause(250);
      if (attempt === 1) throw new Error("once more, please");
      return version;
    },
  );
  const sayApart = step({ name: "say_apart", output, runtime: "isolated" }, () => version);
  const sayHere = step({ name: "say_here", output }, () => version);

  const versioned = pipeline({ name: "versioned", params: z.object({ url: z.string() }) }, async ({ url }) => {
    const first = await sayHere();
    const waited = await waitFor({ url });
    return { first, waited, apart: await sayApart(), here: await sayHere() };
  });
  /** Started by a schedule. */
  const tick = pipeline({ name: "tick", params: z.object({ from: z.string() }) }, () => sayApart());
  return { versioned, tick };
}
