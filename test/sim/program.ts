import type { Random } from "./random.ts";

/** How a call behaves: fails at its first attempts, takes virtual time, hangs until its timeout. */
export interface Plan {
  /** Attempts 1 to `fails` throw. */
  readonly fails: number;
  readonly permanent: boolean;
  readonly lastsMs: number;
  readonly hangs: boolean;
  /** Of a map: only items with this remainder (of 3) fail; undefined: all. */
  readonly only?: number | undefined;
}

export type Policy = "plain" | "retry" | "backoff" | "timeout" | "once" | "cached";
export interface Variant {
  readonly runtime: "inline" | "isolated";
  readonly policy: Policy;
}

/** One thing that a pipeline function does. `at`: names the step run. */
export type Op =
  | {
      readonly op: "call";
      readonly at: string;
      readonly how: "sync" | "submit";
      readonly variant: Variant;
      readonly plan: Plan;
      readonly from: readonly string[];
      readonly after?: string;
    }
  | { readonly op: "list"; readonly at: string; readonly variant: Variant; readonly plan: Plan; readonly size: number }
  | {
      readonly op: "map";
      readonly at: string;
      readonly variant: Variant;
      readonly plan: Plan;
      readonly over: readonly number[] | string;
      readonly combine: "zip" | "product";
      readonly maxConcurrency?: number;
    }
  | { readonly op: "await"; readonly of: string; readonly load: boolean; readonly guarded: boolean }
  | { readonly op: "join"; readonly kind: "all" | "race" | "any" | "allSettled"; readonly of: readonly string[]; readonly guarded: boolean }
  | { readonly op: "loop"; readonly at: string; readonly over: string; readonly variant: Variant; readonly plan: Plan }
  | { readonly op: "items"; readonly of: string; readonly first: boolean }
  | { readonly op: "settled"; readonly of: string }
  | { readonly op: "cancel"; readonly of: string }
  /** `beside`: what it races with. */
  | { readonly op: "sleep"; readonly at: string; readonly ms: number; readonly beside: readonly string[] }
  /** `leaves`: it goes on without an answer. */
  | {
      readonly op: "waitFor";
      readonly at: string;
      readonly name: string;
      readonly timeoutMs?: number;
      readonly guarded: boolean;
      readonly leaves: boolean;
      readonly beside: readonly string[];
    }
  | { readonly op: "odd"; readonly then: readonly Op[] }
  | { readonly op: "chains"; readonly chains: readonly (readonly Op[])[] };

export type OnFailure = "stop_on_failure" | "fail_fast" | "continue_on_failure";
export interface Program {
  readonly mode: "dynamic" | "static";
  readonly onFailure: OnFailure;
  readonly narrow: boolean;
  readonly body: readonly Op[];
  readonly returns: readonly string[];
}

type Kind = "number" | "list" | "map";
interface Made {
  readonly at: string;
  readonly kind: Kind;
  readonly submitted: boolean;
}

/** What a program may refer to, as it grows. */
class Scope {
  readonly random: Random;
  readonly made: Made[] = [];
  readonly #counter: { next: number };

  constructor(random: Random, counter = { next: 0 }, made: readonly Made[] = []) {
    this.random = random;
    this.#counter = counter;
    this.made.push(...made);
  }

  name(prefix: string): string {
    return `${prefix}${this.#counter.next++}`;
  }

  inner(): Scope {
    return new Scope(this.random, this.#counter, this.made);
  }

  some(kinds: readonly Kind[], submitted = false): string | undefined {
    const fitting = this.made.filter((made) => kinds.includes(made.kind) && (!submitted || made.submitted));
    return fitting.length === 0 ? undefined : this.random.pick(fitting).at;
  }
}

export function makeProgram(random: Random): Program {
  const mode = random.chance(0.15) ? "static" : "dynamic";
  const scope = new Scope(random);
  const body = mode === "static" ? staticBody(scope) : dynamicBody(scope, random.whole(2, 7), 0);
  const returns = [scope.some(["number", "map", "list"]), scope.some(["number", "map"])].filter((at) => at !== undefined);
  const onFailure = random.pick(["stop_on_failure", "stop_on_failure", "fail_fast", "continue_on_failure"] as const);
  return { mode, onFailure, narrow: random.chance(0.15), body, returns: random.chance(0.8) ? [...new Set(returns)] : [] };
}

function staticBody(scope: Scope): readonly Op[] {
  return Array.from({ length: scope.random.whole(2, 6) }, () =>
    scope.random.chance(0.25) ? map(scope) : scope.random.chance(0.2) ? list(scope) : call(scope),
  );
}

function dynamicBody(scope: Scope, length: number, depth: number): readonly Op[] {
  return Array.from({ length }, () => anyOp(scope, depth));
}

function anyOp(scope: Scope, depth: number): Op {
  const { random } = scope;
  const roll = random.fraction();
  if (roll < 0.35 || scope.made.length === 0) return call(scope);
  if (roll < 0.42) return list(scope);
  if (roll < 0.56) return map(scope);
  if (roll < 0.7) return waiting(scope);
  if (roll < 0.8) return join(scope);
  if (roll < 0.86) return looking(scope);
  if (roll < 0.9) return cancel(scope);
  if (depth > 1) return call(scope);
  if (roll < 0.94) return { op: "odd", then: dynamicBody(scope.inner(), random.whole(1, 2), depth + 1) };
  const chains = Array.from({ length: random.whole(2, 3) }, () => dynamicBody(scope.inner(), random.whole(1, 3), depth + 1));
  return { op: "chains", chains };
}

function call(scope: Scope): Op {
  const { random } = scope;
  const how = random.chance(0.4) ? "sync" : "submit";
  const from = [...new Set([scope.some(["number", "map"]), scope.some(["number"])])].filter(
    (at) => at !== undefined && random.chance(0.5),
  ) as string[];
  const after = random.chance(0.1) ? scope.some(["number"]) : undefined;
  const at = scope.name("s");
  scope.made.push({ at, kind: "number", submitted: how === "submit" });
  return { op: "call", at, how, ...behaviour(random), from, ...(after === undefined ? {} : { after }) };
}

function list(scope: Scope): Op {
  const at = scope.name("l");
  scope.made.push({ at, kind: "list", submitted: true });
  return { op: "list", at, ...behaviour(scope.random), size: scope.random.pick([0, 1, 3, 5]) };
}

function map(scope: Scope): Op {
  const { random } = scope;
  const earlier = random.chance(0.5) ? scope.some(["list", "map"]) : undefined;
  const over =
    earlier ?? Array.from({ length: random.pick([0, 1, 3, 4, 6, random.chance(0.1) ? 70 : 5]) }, (_, i) => i + random.whole(0, 9));
  const at = scope.name("m");
  scope.made.push({ at, kind: "map", submitted: true });
  const { variant, plan } = behaviour(random);
  const only = random.chance(0.8) ? { only: random.whole(0, 2) } : {};
  const lanes = random.chance(0.4) ? { maxConcurrency: random.whole(1, 3) } : {};
  return { op: "map", at, variant, plan: { ...plan, ...only }, over, combine: random.chance(0.2) ? "product" : "zip", ...lanes };
}

function behaviour(random: Random): { readonly variant: Variant; readonly plan: Plan } {
  const policy = random.pick(["plain", "plain", "retry", "backoff", "timeout", "once", "cached"] as const);
  const fails = random.chance(policy === "retry" || policy === "backoff" ? 0.6 : 0.12) ? random.whole(1, 3) : 0;
  const lastsMs = random.chance(0.3) ? random.pick([1, 30, 700, 9_000]) : 0;
  const plan = { fails, permanent: random.chance(0.1), lastsMs, hangs: policy === "timeout" && random.chance(0.2) };
  return { variant: { runtime: random.chance(0.45) ? "inline" : "isolated", policy }, plan };
}

function waiting(scope: Scope): Op {
  const of = scope.some(["number", "list", "map"]);
  return of === undefined ? call(scope) : { op: "await", of, load: scope.random.chance(0.6), guarded: scope.random.chance(0.75) };
}

function join(scope: Scope): Op {
  const { random } = scope;
  const of = [...new Set(Array.from({ length: 3 }, () => scope.some(["number", "map"], true)))].filter((at) => at !== undefined);
  if (of.length === 0) return call(scope);
  return { op: "join", kind: random.pick(["all", "race", "any", "allSettled"] as const), of, guarded: random.chance(0.8) };
}

function looking(scope: Scope): Op {
  const { random } = scope;
  const mapped = scope.some(["map"]);
  const listed = scope.some(["list"]);
  if (listed !== undefined && random.chance(0.4)) return { op: "loop", at: scope.name("o"), over: listed, ...behaviour(random) };
  if (mapped === undefined) return call(scope);
  return random.chance(0.5) ? { op: "items", of: mapped, first: random.chance(0.5) } : { op: "settled", of: mapped };
}

function cancel(scope: Scope): Op {
  const of = scope.some(["number", "map"], true);
  return of === undefined ? call(scope) : { op: "cancel", of };
}
