import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { pipeline, step } from "../../../src/index.ts";

const isolated = { runtime: "isolated" } as const;

class TideError extends Error {
  override readonly name = "TideError";
}

export const throws = step({ name: "throws", ...isolated }, () => {
  throw new TideError("the gauge is dry", { cause: new RangeError("-3 m") });
});

export const exits = step({ name: "exits", ...isolated }, async () => {
  await pause(100);
  process.exit(3);
});

export const exhausts = step({ name: "exhausts", ...isolated }, () => {
  const held: unknown[] = [];
  for (;;) held.push(Array.from({ length: 100_000 }, () => ({ n: Math.random() })));
});

/** Heeds its signal, as a well-behaved step does. */
export const overruns = step({ name: "overruns", ...isolated, timeout: "1s" }, async (_, { signal }) => {
  await pause(60_000, undefined, { signal });
});

/** Holds its thread, so that no timer of its own process can end it: only the limit of its function does. */
export const spins = step({ name: "spins", ...isolated, operator: "brief" }, () => {
  for (;;);
});

const Report = z.object({
  step: z.string(),
  name: z.string(),
  message: z.string(),
  code: z.string().optional(),
  cause: z.string().optional(),
});
type Report = z.infer<typeof Report>;

export const report = step(
  { name: "report", input: z.object({ failures: z.array(Report) }), output: z.array(Report) },
  ({ failures }) => failures,
);

function reportOf(step: string, error: unknown): Report {
  if (!(error instanceof Error)) throw new TypeError(`${step} failed with ${String(error)}`);
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {};
  return { step, name: error.name, message: error.message, ...code, ...cause };
}

/** Catches how each of its steps dies, and ends well. */
export const crashes = pipeline({ name: "crashes" }, async () => {
  const futures = {
    throws: throws.submit(),
    exits: exits.submit(),
    exhausts: exhausts.submit(),
    overruns: overruns.submit(),
    spins: spins.submit(),
  };
  const failures: Report[] = [];
  for (const [name, future] of Object.entries(futures)) {
    try {
      await future;
      throw new Error("it went well");
    } catch (error) {
      failures.push(reportOf(name, error));
    }
  }
  return report({ failures });
});

/** Where an object can be looked for and put: what outlives the process of a step. */
const Mark = z.object({ get: z.string(), put: z.string() });

/** Takes the orchestrator along the first time that it runs. */
export const killsOrchestrator = step(
  { name: "kills_orchestrator", input: z.object({ mark: Mark }), output: z.string() },
  async ({ mark }) => {
    if ((await fetch(mark.get)).ok) return "lives on";
    await fetch(mark.put, { method: "PUT", body: "was here" });
    process.exit(1);
  },
);

export const killsOnce = step({ name: "kills_once", delivery: "at_most_once" }, async () => {
  await pause(50);
  process.exit(1);
});

/** Its orchestrator dies twice: in a step that may run again, and in one that may not. */
export const orchestratorDies = pipeline({ name: "orchestrator_dies", params: z.object({ mark: Mark }) }, async ({ mark }) => {
  const before = await addOne({ n: 0 });
  const killed = await killsOrchestrator({ mark });
  const after = await addOne({ n: before });
  const failures: Report[] = [];
  try {
    await killsOnce();
  } catch (error) {
    failures.push(reportOf("kills_once", error));
  }
  return { killed, after, failures: report({ failures }) };
});

export const addOne = step({ name: "add_one", input: z.object({ n: z.int() }), output: z.int() }, ({ n }) => n + 1);

export const alwaysKills = step({ name: "always_kills" }, () => process.exit(1));

/** Can't be helped: it kills each orchestrator that it meets. */
export const killer = pipeline({ name: "killer" }, async () => {
  await alwaysKills();
});
