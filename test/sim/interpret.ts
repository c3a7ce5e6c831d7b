import type { Op, Plan, Program, Variant } from "./program.ts";

/** What a step of the simulation is given. */
export interface WorkInput {
  readonly tag: string;
  readonly plan: Plan;
  /** What the pipeline function had loaded or caught before: wrong replays give wrong results. */
  readonly salt: readonly (string | number)[];
  readonly from: readonly unknown[];
}

export interface Loadable {
  load(): Promise<unknown>;
}
export interface Waiting extends PromiseLike<Loadable> {
  load?(): Promise<unknown>;
  cancel?(reason?: string): void;
}
export interface WaitingMap extends Waiting {
  items(): Promise<readonly Waiting[]>;
  settled(): Promise<{ readonly succeeded: Loadable; readonly failed: readonly { readonly index: number }[] }>;
}

/** What a program does its calls on: Skein's steps in a run, plain promises in the reference. */
export interface Hands {
  call(variant: Variant, how: "sync" | "submit", input: WorkInput, options: { readonly id: string; readonly after?: Waiting }): Waiting;
  list(variant: Variant, input: WorkInput & { readonly size: number }, options: { readonly id: string }): Waiting;
  map(
    variant: Variant,
    combine: "zip" | "product",
    over: { readonly x: readonly number[] | Waiting; readonly rest: WorkInput },
    options: { readonly id: string; readonly maxConcurrency?: number },
  ): WaitingMap;
  sleep(at: string, ms: number): Promise<void>;
  /** Gives the number that the signal carries, if its name is of those that do. */
  waitFor(at: string, name: string, timeoutMs: number | undefined): Promise<number | undefined>;
  /** A word for an error that the function has caught. */
  word(error: unknown): string;
}

/** Runs a program: the pipeline function of every simulated run, and the plain interpretation that it is checked against. */
export class Interpreter {
  readonly #hands: Hands;
  readonly #made = new Map<string, Waiting>();

  constructor(hands: Hands) {
    this.#hands = hands;
  }

  async run({ body, returns }: Program): Promise<Waiting[]> {
    await this.#all(body, []);
    return this.#results(returns);
  }

  /** Static programs only call. */
  compile({ body, returns }: Program): Waiting[] {
    for (const op of body) this.#call(op, []);
    return this.#results(returns);
  }

  #results(returns: readonly string[]): Waiting[] {
    return returns.flatMap((at) => this.#made.get(at) ?? []);
  }

  /** `salt`: what this chain of the function has seen so far. */
  async #all(ops: readonly Op[], salt: Salt): Promise<void> {
    for (const op of ops) await this.#one(op, salt);
  }

  async #guard(guarded: boolean, salt: Salt, work: () => Promise<unknown>): Promise<void> {
    try {
      const value = await work();
      if (value !== undefined) salt.push(typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value));
    } catch (error) {
      if (!guarded) throw error;
      salt.push(this.#hands.word(error));
    }
  }

  #handle(at: string): Waiting | undefined {
    return this.#made.get(at);
  }

  #handles(names: readonly string[]): readonly Waiting[] {
    return names.flatMap((at) => this.#made.get(at) ?? []);
  }

  async #one(op: Op, salt: Salt): Promise<void> {
    if (op.op === "call" || op.op === "list" || op.op === "map") {
      const handle = this.#call(op, salt);
      if (op.op === "call" && op.how === "sync") await this.#guard(true, salt, async () => void (await handle));
    } else if (op.op === "join") await this.#guard(op.guarded, salt, () => join(op.kind, this.#handles(op.of)));
    else if (op.op === "sleep")
      await this.#guard(true, salt, () =>
        this.#beside(
          op.beside,
          this.#hands.sleep(op.at, op.ms).then(() => "slept"),
        ),
      );
    else if (op.op === "waitFor") await this.#waitFor(op, salt);
    else if (op.op === "odd") await (salt.length % 2 === 1 ? this.#all(op.then, salt) : undefined);
    else if (op.op === "chains") await this.#chains(op.chains, salt);
    else {
      // What another branch was to make may not be there.
      const handle = this.#handle(op.op === "loop" ? op.over : op.of);
      if (handle !== undefined) await this.#look(op, handle, salt);
    }
  }

  async #waitFor({ at, name, timeoutMs, guarded, leaves, beside }: Op & { readonly op: "waitFor" }, salt: Salt): Promise<void> {
    const answer = this.#hands.waitFor(at, name, timeoutMs).then((value) => value ?? `told ${name}`);
    if (leaves) answer.catch(() => {});
    else await this.#guard(guarded, salt, () => this.#beside(beside, answer));
  }

  #beside(names: readonly string[], work: Promise<unknown>): Promise<unknown> {
    return Promise.race([...this.#handles(names).map((handle, i) => handle.then(() => i)), work]);
  }

  async #look(op: Op & { readonly op: "await" | "loop" | "items" | "settled" | "cancel" }, handle: Waiting, salt: Salt): Promise<void> {
    switch (op.op) {
      case "await":
        return this.#guard(op.guarded, salt, async () => {
          const artifact = await handle;
          return op.load ? artifact.load() : undefined;
        });
      case "loop":
        return this.#guard(true, salt, () => this.#loop(op, handle, salt));
      case "items":
        return this.#guard(true, salt, () => itemsOf(asMap(handle), op.first));
      case "settled":
        return this.#guard(true, salt, async () => {
          const { succeeded, failed } = await asMap(handle).settled();
          return [await succeeded.load(), failed.map(({ index }) => index)];
        });
      case "cancel":
        handle.cancel?.("not wanted");
    }
  }

  async #chains(chains: readonly (readonly Op[])[], salt: Salt): Promise<void> {
    const salts = chains.map(() => [...salt]);
    await Promise.all(chains.map((chain, i) => this.#all(chain, salts[i] ?? [])));
    salt.push(...salts.flatMap((own) => own.slice(salt.length)));
  }

  #call(op: Op, salt: Salt): Waiting {
    const handle = this.#start(op, [...salt]);
    if ("at" in op) this.#made.set(op.at, handle);
    return handle;
  }

  #start(op: Op, salt: Salt): Waiting {
    switch (op.op) {
      case "call": {
        const [after] = this.#handles(op.after === undefined ? [] : [op.after]);
        const input = { tag: op.at, plan: op.plan, salt, from: this.#handles(op.from) };
        return this.#hands.call(op.variant, op.how, input, { id: op.at, ...(after === undefined ? {} : { after }) });
      }
      case "list":
        return this.#hands.list(op.variant, { tag: op.at, plan: op.plan, salt, from: [], size: op.size }, { id: op.at });
      case "map": {
        const x = typeof op.over === "string" ? (this.#handle(op.over) ?? []) : op.over;
        const lanes = op.maxConcurrency === undefined ? {} : { maxConcurrency: op.maxConcurrency };
        return this.#hands.map(op.variant, op.combine, { x, rest: { tag: op.at, plan: op.plan, salt, from: [] } }, { id: op.at, ...lanes });
      }
      default:
        throw new Error(`${op.op} is no call`);
    }
  }

  async #loop(op: Op & { readonly op: "loop" }, list: Waiting, salt: Salt): Promise<unknown> {
    const values = (await (await list).load()) as readonly number[];
    const calls = values.map((value, i) => {
      const input = { tag: `${op.at}_${i}`, plan: op.plan, salt: [value, ...salt], from: [] };
      return this.#hands.call(op.variant, "submit", input, { id: input.tag });
    });
    return Promise.all(calls.map(async (call) => (await call).load()));
  }
}

type Salt = (string | number)[];

function join(kind: "all" | "race" | "any" | "allSettled", handles: readonly Waiting[]): Promise<unknown> {
  const waits = handles.map((handle, i) => handle.then(() => i));
  switch (kind) {
    case "all":
      return Promise.all(waits);
    case "race":
      return waits.length === 0 ? Promise.resolve() : Promise.race(waits);
    case "any":
      return Promise.any(waits);
    case "allSettled":
      return Promise.allSettled(waits).then((ends) => ends.map(({ status }) => status).join());
  }
}

async function itemsOf(map: WaitingMap, first: boolean): Promise<unknown> {
  const items = await map.items();
  const waits = items.map((item, i) => item.then(() => i));
  if (first && waits.length > 0) return Promise.race(waits);
  return Promise.allSettled(waits).then((ends) => ends.map(({ status }) => status).join());
}

function asMap(handle: Waiting): WaitingMap {
  return handle as WaitingMap;
}

/**
 * What a step gives: a number that depends on everything that it was given. Its remainder of 3, which decides whether a map's item
 * fails, does not depend on what lists a world has.
 */
export function valueOf({ tag, salt, from }: Pick<WorkInput, "tag" | "salt" | "from">, x = 0): number {
  return 3 * sumOf(JSON.stringify([tag, salt, from, x])) + ((sumOf(tag) + x) % 3);
}

function sumOf(text: string): number {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + char.charCodeAt(0)) % 10_007;
  return sum;
}

export function listOf(input: WorkInput & { readonly size: number }, shift: number): number[] {
  return Array.from({ length: input.size }, (_, i) => valueOf(input) + i + shift);
}
