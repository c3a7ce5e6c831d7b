import { z } from "zod";
import { PermanentError, pipeline, SkeinError, step, unmapped } from "../../src/index.ts";
import type { RunContext } from "../../src/define/run-context.ts";
import { Interpreter, listOf, valueOf, type Hands } from "./interpret.ts";
import type { OnFailure, Plan, Policy, Program, Variant } from "./program.ts";
import { wantsNumber } from "./waits.ts";
import { acting } from "./world.ts";

const planSchema = z.object({
  fails: z.number(),
  permanent: z.boolean(),
  lastsMs: z.number(),
  hangs: z.boolean(),
  only: z.number().optional(),
});
const workSchema = z.object({
  tag: z.string(),
  plan: planSchema,
  salt: z.array(z.union([z.string(), z.number()])),
  from: z.array(z.union([z.number(), z.array(z.number())])),
});

interface Context {
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly step: { readonly id: string };
}

/** What every step does: says that it begins, takes virtual time, fails where its plan says so. */
async function labour(plan: Plan, x: number | undefined, { attempt, signal, step: { id } }: Context): Promise<void> {
  const here = acting.getStore();
  if (here === undefined) throw new Error("no process");
  here.begin(id, attempt);
  await here.world.pause(here.process, `works at ${id}#${attempt}`);
  const lastsMs = plan.hangs ? 1e9 : plan.lastsMs + here.world.faults.dragMs;
  if (lastsMs > 0) await here.world.wait(here.process, lastsMs, signal);
  if (signal.aborted) throw new Error("aborted");
  const mayFail = x === undefined || plan.only === undefined || x % 3 === plan.only;
  if (attempt > plan.fails || !mayFail) return;
  throw plan.permanent ? new PermanentError(`boom ${id}`) : new Error(`boom ${id}`);
}

const work = step({ name: "sim_work", input: workSchema, output: z.number() }, async (input, context) => {
  await labour(input.plan, undefined, context);
  return valueOf(input);
});
const list = step(
  { name: "sim_list", input: workSchema.extend({ size: z.number() }), output: z.array(z.number()) },
  async (input, context) => {
    await labour(input.plan, undefined, context);
    return listOf(input, acting.getStore()?.world.shift ?? 0);
  },
);
const each = step({ name: "sim_each", input: workSchema.extend({ x: z.number() }), output: z.number() }, async (input, context) => {
  await labour(input.plan, input.x, context);
  return valueOf(input, input.x);
});

const settings = {
  plain: {},
  retry: { retry: { maxRetries: 2, delay: 0 } },
  backoff: { retry: { maxRetries: 2, delay: "3s", backoff: 2 } },
  timeout: { timeout: "20s" },
  once: { delivery: "at_most_once" },
  cached: { cache: true },
} as const satisfies Record<Policy, object>;

function varied<T extends { with(settings: object): unknown }>(base: T): (variant: Variant) => T {
  const made = new Map<string, T>();
  return ({ runtime, policy }) => {
    const name = `${runtime} ${policy}`;
    const known = made.get(name) ?? (base.with({ runtime, ...settings[policy] }) as T);
    made.set(name, known);
    return known;
  };
}
const works = varied(work);
const lists = varied(list);
const eachs = varied(each);

/** Handles are passed on as they are: the program is data, and knows no types. */
const calls: Omit<Hands, "sleep" | "waitFor"> = {
  call: (variant, how, input, options) =>
    how === "sync" ? works(variant)(input as never, options as never) : works(variant).submit(input as never, options as never),
  list: (variant, input, options) => lists(variant).submit(input as never, options),
  map: (variant, combine, { x, rest }, options) => {
    const { tag, plan, salt, from } = rest;
    const input = { x, tag: unmapped(tag), plan: unmapped(plan), salt: unmapped(salt), from: unmapped(from) } as never;
    return combine === "zip" ? eachs(variant).map(input, options) : eachs(variant).product(input, options);
  },
  word: wordOf,
};

function handsOf(run: RunContext): Hands {
  return {
    ...calls,
    sleep: (_, ms) => run.sleep(ms),
    async waitFor(question, name, timeout) {
      if (wantsNumber(name)) return run.waitFor(name, { schema: z.number(), timeout, question });
      await run.waitFor(name, { timeout, question });
      return undefined;
    },
  };
}

function wordOf(error: unknown): string {
  if (error instanceof AggregateError) return "none";
  if (error instanceof SkeinError) return words.has(error.code) ? error.code : "lost";
  return error instanceof Error && error.message.startsWith("boom") ? "boom" : error instanceof TypeError ? "type" : "lost";
}

const words = new Set<string>(["upstream_failed", "cancelled", "wait_timeout"]);

function definePipelines(onFailure: OnFailure, narrow: boolean): void {
  const name = pipelineName({ onFailure, narrow, mode: "dynamic" });
  const options = { params: z.object({ program: z.custom<Program>() }), onFailure, ...(narrow ? { maxConcurrency: 2 } : {}) };
  pipeline({ ...options, name }, async ({ program }, run) => (await new Interpreter(handsOf(run)).run(program)) as never);
  pipeline(
    { ...options, name: `${name}_static`, mode: "static" },
    ({ program }, run) => new Interpreter(handsOf(run)).compile(program) as never,
  );
}

export function pipelineName({ onFailure, narrow, mode }: Pick<Program, "onFailure" | "narrow" | "mode">): string {
  return `sim_${onFailure}${narrow ? "_narrow" : ""}${mode === "static" ? "_static" : ""}`;
}

for (const onFailure of ["stop_on_failure", "fail_fast", "continue_on_failure"] as const)
  for (const narrow of [false, true]) definePipelines(onFailure, narrow);
