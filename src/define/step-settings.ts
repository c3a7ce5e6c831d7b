import type { Duration } from "../model/duration.ts";
import type { Runtime } from "../model/event.ts";
import type { CallPolicy, Retry } from "../model/policy.ts";
import type { DefinitionCheck } from "./definition-check.ts";

/** How a step runs; `step.with({…})` changes any of it for some calls. */
export interface StepSettings {
  /** In the process of the pipeline function, or its own. Default: isolated if `operator` or `resources` are given, else inline. */
  runtime?: "inline" | "isolated" | undefined;
  /** The step operator that runs it. Default: the smallest one that has the resources. */
  operator?: string | undefined;
  /** The least that it needs: memory in MB (a whole number from 1), processors above 0. */
  resources?: { memoryMb?: number | undefined; cpu?: number | undefined } | undefined;
  /** Of one attempt: then `signal` aborts and the attempt fails. Default: what the place allows. */
  timeout?: Duration | undefined;
  /**
   * At most `maxRetries` (from 0) attempts after the first; the pause before a retry is `delay` (default 1 s), then each time
   * `backoff` (from 1, default 1) times as long.
   */
  retry?: { maxRetries: number; delay?: Duration | undefined; backoff?: number | undefined } | undefined;
  /** Take the outputs of an earlier run of the same code on the same inputs, no older than `expiresAfter`. Default: false. */
  cache?: boolean | { expiresAfter?: Duration | undefined } | undefined;
  /** `at_most_once`: an attempt that a crash interrupted fails (`step_interrupted`) instead of running again. Default: `at_least_once`. */
  delivery?: "at_least_once" | "at_most_once" | undefined;
  /** For people: to find step runs by. */
  tags?: readonly string[] | undefined;
}

export const settingKeys: readonly (keyof StepSettings)[] = [
  "runtime",
  "operator",
  "resources",
  "timeout",
  "retry",
  "cache",
  "delivery",
  "tags",
];

/** What the settings come to. @throws SkeinError `bad_definition` */
export function resolveSettings(
  settings: StepSettings,
  check: DefinitionCheck,
): { readonly runtime: Runtime; readonly policy: CallPolicy } {
  const policy = Object.freeze({
    ...(settings.retry === undefined ? {} : { retry: retryOf(settings.retry, check) }),
    ...(settings.timeout === undefined ? {} : { timeoutMs: check.duration(settings.timeout, "timeout", "more") }),
    ...cacheOf(settings.cache, check),
    ...deliveryOf(settings.delivery, check),
    ...(settings.operator === undefined ? {} : { operator: check.text(settings.operator, "operator") }),
    ...resourcesOf(settings.resources, check),
    ...(settings.tags === undefined ? {} : { tags: check.texts(settings.tags, "tags") }),
  });
  return { runtime: runtimeOf(settings, check), policy };
}

/** Settings over settings; `undefined` leaves what was there. */
export function mergeSettings(base: StepSettings, changes: StepSettings): StepSettings {
  return { ...base, ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) };
}

function runtimeOf(settings: StepSettings, check: DefinitionCheck): Runtime {
  if (settings.runtime !== undefined) return check.choice(settings.runtime, "runtime", ["inline", "isolated"]);
  return settings.operator === undefined && settings.resources === undefined ? "inline" : "isolated";
}

function retryOf(retry: unknown, check: DefinitionCheck): Retry {
  check.object(retry, "retry");
  check.onlyKeys(retry, ["maxRetries", "delay", "backoff"]);
  const { maxRetries, delay = "1s", backoff = 1 }: { maxRetries?: unknown; delay?: unknown; backoff?: unknown } = retry;
  return Object.freeze({
    maxRetries: check.whole(maxRetries, "retry.maxRetries", 0),
    delayMs: check.duration(delay, "retry.delay", "zero"),
    backoff: check.number(backoff, "retry.backoff", { from: 1 }),
  });
}

function cacheOf(cache: unknown, check: DefinitionCheck): Pick<CallPolicy, "cache"> {
  if (cache === undefined || cache === false) return {};
  if (cache === true) return { cache: Object.freeze({}) };
  check.object(cache, "cache");
  check.onlyKeys(cache, ["expiresAfter"]);
  const { expiresAfter }: { expiresAfter?: unknown } = cache;
  return {
    cache: Object.freeze(expiresAfter === undefined ? {} : { expiresAfterMs: check.duration(expiresAfter, "cache.expiresAfter", "more") }),
  };
}

function deliveryOf(delivery: unknown, check: DefinitionCheck): Pick<CallPolicy, "delivery"> {
  if (delivery === undefined) return {};
  const chosen = check.choice(delivery, "delivery", ["at_least_once", "at_most_once"]);
  return chosen === "at_most_once" ? { delivery: chosen } : {};
}

function resourcesOf(resources: unknown, check: DefinitionCheck): Pick<CallPolicy, "memoryMb" | "cpu"> {
  if (resources === undefined) return {};
  check.object(resources, "resources");
  check.onlyKeys(resources, ["memoryMb", "cpu"]);
  const { memoryMb, cpu }: { memoryMb?: unknown; cpu?: unknown } = resources;
  return {
    ...(memoryMb === undefined ? {} : { memoryMb: check.whole(memoryMb, "resources.memoryMb", 1) }),
    ...(cpu === undefined ? {} : { cpu: check.number(cpu, "resources.cpu", { above: 0 }) }),
  };
}
