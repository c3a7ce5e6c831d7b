import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

/** The longest pause before the second try; it doubles from try to try. */
const firstPauseMs = 25;
const longestPauseMs = 4_000;
const realTime: Clock = { now: () => performance.now(), wait: (ms) => pause(ms) };

/** Tries again and again, with full jitter so that writers who were refused together do not come back together. */
export class Patience {
  readonly #clock: Clock;
  readonly #until: number;
  #tries = 0;

  constructor(ms: number, clock = realTime) {
    this.#clock = clock;
    this.#until = clock.now() + ms;
  }

  /** False when it has run out; else after a pause. */
  async wait(): Promise<boolean> {
    if (this.#clock.now() >= this.#until) return false;
    await this.#clock.wait(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** this.#tries++));
    return true;
  }
}

/** Repeats a request that fails for a reason that `passes`; when patience runs out, it fails with that reason. */
export async function patiently<T>(patience: Patience, passes: (error: unknown) => boolean, request: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!passes(error) || !(await patience.wait())) throw error;
    }
  }
}

/** Runs `work` on all items, `width` at once; fails with the first failure. */
export async function inParallel<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = queue.next(); next.done !== true && !failed; next = queue.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
