import type { Clock } from "../../ports/clock.ts";

/** A longer Node timer fires at once. */
const longestTimer = 2 ** 31 - 1;

/** The machine's time. A wait that is aborted leaves no timer that would hold up the end of the process. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    for (let left = ms; left > 0 && signal?.aborted !== true; left -= longestTimer) await sleep(Math.min(left, longestTimer), signal);
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}
