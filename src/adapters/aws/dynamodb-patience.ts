import { setTimeout as pause } from "node:timers/promises";

/** The longest pause before the second try; it doubles from try to try. */
const firstPauseMs = 25;
const longestPauseMs = 4_000;

/** Tries again and again, with full jitter so that writers who were refused together do not come back together. */
export class Patience {
  readonly #until: number;
  #tries = 0;

  constructor(ms: number) {
    this.#until = performance.now() + ms;
  }

  /** False when it has run out; else after a pause. */
  async wait(): Promise<boolean> {
    if (performance.now() >= this.#until) return false;
    await pause(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** this.#tries++));
    return true;
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
