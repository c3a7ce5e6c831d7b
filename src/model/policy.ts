import type { Failure } from "./failure.ts";

export interface Retry {
  readonly maxRetries: number;
  readonly delayMs: number;
  /** Factor from one delay to the next; 1 keeps it. */
  readonly backoff: number;
}

/** What a call asked for beyond the defaults, resolved from step and call; journalled with it, so that replay needs no definition. */
export interface CallPolicy {
  readonly retry?: Retry;
  readonly timeoutMs?: number;
  /** Undefined: no caching. `{}`: cached without expiry. */
  readonly cache?: { readonly expiresAfterMs?: number };
  readonly delivery?: "at_most_once";
  readonly operator?: string;
  readonly memoryMb?: number;
  readonly cpu?: number;
  readonly tags?: readonly string[];
}

/** AWS's longest asynchronous delay chain is ours to build; a longer pause between attempts than a week is a mistake. */
const maxDelayMs = 7 * 86_400_000;

/**
 * The pause before the next attempt, or undefined when the failure is final. `failures` counts the attempts that failed and
 * were not interrupted, this one included.
 */
export function retryDelayMs(policy: CallPolicy, failure: Failure, failures: number): number | undefined {
  if (failure.interrupted === true) return policy.delivery === "at_most_once" ? undefined : (failure.retryAfterMs ?? 0);
  const retry = policy.retry;
  if (retry === undefined || failures > retry.maxRetries || failure.retryable === false) return undefined;
  const delay = retry.delayMs * retry.backoff ** (failures - 1);
  return Math.min(Math.max(delay, failure.retryAfterMs ?? 0), maxDelayMs);
}
