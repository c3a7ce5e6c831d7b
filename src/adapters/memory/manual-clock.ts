import { setImmediate as nextTick } from "node:timers/promises";
import type { Clock } from "../../ports/clock.ts";

interface Waiter {
  readonly due: number;
  readonly wake: () => void;
}

/** 2025-01-01T00:00:00Z: a time of thirteen digits, as real ones are. */
const defaultStart = 1_735_689_600_000;

/** A clock that stands still until it is moved, for tests and simulations. */
export class ManualClock implements Clock {
  #now: number;
  /** By due time; those due at once in the order in which they began to wait. */
  readonly #waiters: Waiter[] = [];

  /** `start`: epoch milliseconds. */
  constructor(start = defaultStart) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const waiter: Waiter = { due: this.#now + ms, wake };
      const leave = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        resolve();
      };
      signal?.addEventListener("abort", leave, { once: true });
      const later = this.#waiters.findIndex((other) => other.due > waiter.due);
      this.#waiters.splice(later === -1 ? this.#waiters.length : later, 0, waiter);
    });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiters.length;
  }

  /** When the next of them is due, epoch milliseconds. */
  get nextDue(): number | undefined {
    return this.#waiters[0]?.due;
  }

  /**
   * Moves time on by `ms`, stopping at each moment at which somebody is due: wakes one, lets everything run that it sets off
   * (but for I/O), then wakes the next. Those who begin to wait on the way are woken too, if they are due in time.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await nextTick();
    for (let next = this.#waiters[0]; next !== undefined && next.due <= until; next = this.#waiters[0]) {
      this.#waiters.shift();
      this.#now = Math.max(this.#now, next.due);
      next.wake();
      await nextTick();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Moves time on to the next moment at which somebody is due, and wakes all that are; false when nobody waits. */
  async advanceToNext(): Promise<boolean> {
    const due = this.nextDue;
    if (due === undefined) return false;
    await this.advance(Math.max(0, due - this.#now));
    return true;
  }
}
