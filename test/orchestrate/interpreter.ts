import { pipeline, step, unmapped } from "../../src/index.ts";
import type { RunContext } from "../../src/define/run-context.ts";
import { z } from "zod";
import type { Program, Statement } from "./programs.ts";

const anything = z.looseObject({});
const one = step({ name: "one", input: anything, output: z.number() }, async () => 0);
const two = step({ name: "two", input: anything, outputs: { left: z.number(), right: z.array(z.number()) } }, async () => ({
  left: 0,
  right: [],
}));
const none = step({ name: "none", input: anything }, async () => {});
const many = step({ name: "many", input: anything, output: z.array(z.number()) }, async () => []);
const flaky = one.with({ retry: { maxRetries: 2, delay: 500, backoff: 2 } });
const cached = many.with({ cache: true });
const each = step({ name: "each", input: anything, output: z.number() }, async () => 0);

interface Loose {
  (input?: object, options?: object): PromiseLike<unknown>;
  submit(input?: object, options?: object): FutureLike;
}
interface FutureLike extends PromiseLike<unknown> {
  readonly id: string;
  load(): Promise<unknown>;
  status(): string;
  cancel(reason?: string): void;
  chunk?(index: number): FutureLike;
  items?(): Promise<readonly FutureLike[]>;
  settled?(): Promise<{ readonly succeeded: unknown; readonly failed: readonly { readonly id: string }[] }>;
  readonly left?: FutureLike;
  readonly right?: FutureLike;
}

const steps = [one, two, none, many, flaky, cached] as unknown as readonly Loose[];
const mapper = each as unknown as { map(input: object): FutureLike; product(input: object): FutureLike };

/** What a run of a program goes by: `seen` is what the function saw, in its order. */
export interface Playing {
  readonly program: Program;
  readonly seen: string[];
}

/** What the function has in its hands: shared by all of its chains, as variables are. */
class Hands {
  readonly futures: FutureLike[] = [];
  /** Handles that can be inputs. */
  readonly refs: unknown[] = [];
  readonly lists: unknown[] = [];
  readonly maps: FutureLike[] = [];
  readonly helpers: Promise<unknown>[] = [];
  readonly context: RunContext;
  readonly #seen: string[];

  constructor(context: Hands["context"], seen: string[]) {
    this.context = context;
    this.#seen = seen;
  }

  see(what: string, value?: unknown): void {
    this.#seen.push(value === undefined ? what : `${what}: ${show(value)}`);
  }
}

function show(value: unknown): string {
  if (value instanceof AggregateError) return `${value.name} of ${value.errors.map(show).join(", ")}`;
  if (value instanceof Error)
    return `${value.name} ${value.message}${"step" in value ? ` in ${String(value.step)}` : ""}${value.cause === undefined ? "" : ` by ${show(value.cause)}`}`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    if ("id" in value) return `handle ${String(value.id)}`;
    return `{${Object.entries(value)
      .map(([name, part]) => `${name}: ${show(part)}`)
      .join(", ")}}`;
  }
  return String(value);
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list[n % list.length];
}

function picks<T>(list: readonly T[], ns: readonly number[]): T[] {
  return ns.flatMap((n) => pick(list, n) ?? []);
}

async function guard(hands: Hands, isCaught: boolean, what: string, work: () => unknown): Promise<unknown> {
  try {
    const value = await work();
    hands.see(what, value ?? null);
    return value;
  } catch (error) {
    hands.see(`${what} failed`, error);
    if (!isCaught) throw error;
    return undefined;
  }
}

async function play(hands: Hands, statements: readonly Statement[]): Promise<void> {
  for (const statement of statements) await perform(hands, statement);
}

async function perform(hands: Hands, statement: Statement): Promise<void> {
  switch (statement.do) {
    case "call":
    case "submit":
      return call(hands, statement);
    case "await":
      return void (await guard(hands, statement.caught, "await", () => pick(hands.futures, statement.of)));
    case "load":
      return void (await guard(hands, statement.caught, "load", () => pick(hands.futures, statement.of)?.load()));
    case "chunk":
      return void (await guard(hands, true, "chunk", () => pick(hands.futures, statement.of)?.chunk?.(1).load()));
    case "settled":
      return void (await guard(hands, true, "settled", () => pick(hands.maps, statement.of)?.settled?.()));
    case "cancel":
      return pick(hands.futures, statement.of)?.cancel("enough");
    case "status":
      return hands.see("status", pick(hands.futures, statement.of)?.status());
    case "all":
      return void (await guard(hands, statement.caught, "all", () => Promise.all(picks(hands.futures, statement.of))));
    case "race":
      return void (await guard(hands, statement.caught, "race", () =>
        hands.futures.length === 0 ? undefined : Promise.race(picks(hands.futures, statement.of)),
      ));
    case "any":
      return void (await guard(hands, statement.caught, "any", () =>
        Promise.any(picks(hands.futures, statement.of).map((future) => future.load())),
      ));
    case "allSettled":
      return void (await guard(hands, statement.caught, "allSettled", () => Promise.allSettled(picks(hands.futures, statement.of))));
    case "map":
    case "product": {
      const lists = picks(hands.lists, statement.lists);
      const fields = {
        a: statement.over,
        shared: unmapped((pick(hands.refs, statement.shared) ?? 1) as never),
        ...(lists.length === 0 ? {} : { b: lists[0] }),
      };
      const map = mapper[statement.do](fields);
      hands.maps.push(map);
      hands.futures.push(map);
      hands.lists.push(map);
      return undefined;
    }
    case "items":
      return lookAtItems(hands, statement);
    case "loop": {
      const list = await guard(hands, true, "loop over", () =>
        pick(hands.lists, statement.of) === undefined ? [1, 2] : (pick(hands.lists, statement.of) as FutureLike).load(),
      );
      for (const value of Array.isArray(list) ? list.slice(0, 3) : []) {
        hands.see("loop", value);
        await play(hands, statement.body);
      }
      return undefined;
    }
    case "chains":
      return void (await guard(hands, true, statement.how, () => {
        const chains = statement.chains.map((chain) => play(hands, chain));
        return statement.how === "all" ? Promise.all(chains) : statement.how === "race" ? Promise.race(chains) : Promise.allSettled(chains);
      }));
    case "helper": {
      const helper = play(hands, statement.body);
      helper.catch(() => {});
      hands.helpers.push(helper);
      return undefined;
    }
    case "join":
      return void (await guard(hands, true, "join", () => pick(hands.helpers, statement.n)));
    case "sleep":
    case "waitFor":
      return rest(hands, statement);
    case "context":
      hands.see("context", [hands.context.now().toISOString(), hands.context.random(), hands.context.uuid()]);
      hands.context.log(`line ${statement.n}`);
      return undefined;
    case "microtasks":
      for (let i = 0; i < statement.n * 3; i++) await Promise.resolve();
      return undefined;
    case "throw":
      throw new TypeError(`thrown ${statement.n}`);
    case "try":
      return void (await guard(hands, true, "try", () => play(hands, statement.body)));
  }
}

/** Names of signals; the first one carries numbers. */
export const signalNames = ["count", "go"] as const;

async function rest(hands: Hands, statement: Extract<Statement, { readonly do: "sleep" | "waitFor" }>): Promise<void> {
  const { ms, how, caught } = statement;
  const wait = startWait(hands, statement);
  if (how === "leave") {
    wait.catch(() => {});
    hands.helpers.push(wait);
    return;
  }
  const beside = how === "race" ? [pick(hands.futures, statement.n) ?? wait] : [];
  await guard(hands, caught, `${statement.do} ${ms ?? "long"}`, () => Promise.race([wait, ...beside]));
}

function startWait({ context }: Hands, { do: what, n, ms }: Extract<Statement, { readonly do: "sleep" | "waitFor" }>): Promise<unknown> {
  if (what === "sleep") return context.sleep(ms ?? 1_000);
  const [counted, plain] = signalNames;
  return n % 2 === 0 ? context.waitFor(counted, { schema: z.number(), timeout: ms }) : context.waitFor(plain, { timeout: ms });
}

async function call(
  hands: Hands,
  { do: how, step: which, inputs, after, caught }: Extract<Statement, { readonly do: "call" | "submit" }>,
): Promise<void> {
  const fn = pick(steps, which);
  if (fn === undefined) return;
  const refs = picks(hands.refs, inputs);
  const input = { n: inputs, deep: { list: refs, at: refs[0] ?? null } };
  const options = after.length === 0 ? undefined : { after: picks(hands.futures, after) };
  if (how === "call") {
    const result = await guard(hands, caught, "call", () => fn(input, options));
    if (typeof result !== "object" || result === null) return;
    hands.refs.push(...("id" in result ? [result] : Object.values(result)));
    return;
  }
  const future = fn.submit(input, options);
  hands.futures.push(future);
  if (future.left !== undefined && future.right !== undefined) {
    hands.refs.push(future.left);
    hands.lists.push(future.right);
    hands.futures.push(future.right);
  } else if (which % 6 !== 2) {
    hands.refs.push(future);
    if (which % 6 === 3 || which % 6 === 5) hands.lists.push(future);
  }
}

async function lookAtItems(hands: Hands, { of, take, how }: Extract<Statement, { readonly do: "items" }>): Promise<void> {
  const map = pick(hands.maps, of);
  if (map?.items === undefined) return;
  const items = await map.items();
  hands.see("items", items.length);
  if (items.length === 0) return;
  hands.refs.push(pick(items, take));
  await guard(hands, true, `items ${how}`, () => {
    if (how === "race") return Promise.race(items);
    return how === "all" ? Promise.all(items.map((item) => item.load())) : pick(items, take);
  });
}

export const interpreted = pipeline({ name: "interpreted" }, async (params, run) => {
  const { program, seen } = params as unknown as Playing;
  const hands = new Hands(run, seen);
  await play(hands, program.body);
  hands.see("end");
  return resultOf(program, hands) as never;
});

function resultOf({ returns }: Program, { futures, refs }: Hands): unknown {
  const [future] = futures;
  switch (returns) {
    case "nothing":
      return undefined;
    case "one":
      return refs[0];
    case "list":
      return refs.slice(0, 3);
    case "record":
      return { all: refs.slice(0, 2), ...(futures[0] === undefined ? {} : { first: futures[0] }) };
    case "future":
      return future;
  }
}
