/** Time, so that tests and simulations own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Does not keep a process alive longer than needed. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}
