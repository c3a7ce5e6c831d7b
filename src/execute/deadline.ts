import { formatDuration } from "../model/duration.ts";
import { SkeinError } from "../model/error.ts";
import type { Clock } from "../ports/clock.ts";

/** Kept free at the end of a place's time, for recording how the attempt ended, unless the place says otherwise. */
export const defaultReserveMs = 2_000;
/** After a stop request a step has this long to return. */
const graceMs = 1_000;

/** Without a reason, `abort` makes an error with a stack. */
const notNeeded = "not needed any more";

/** What bounds an attempt. */
export interface Bounds {
  readonly clock: Clock;
  /** Of the attempt, from its start; undefined: the place's time only. */
  readonly timeoutMs: number | undefined;
  /** When the place can work no more, epoch milliseconds. */
  readonly until: number;
  /** Kept free before `until`, milliseconds; default 2,000. */
  readonly reserveMs?: number | undefined;
  /** Asks the attempt to stop. */
  readonly signal: AbortSignal;
  /** For messages: `step fit (fit_2, attempt 1)`. */
  readonly what: string;
  /** Told of work that goes on although its time is over. */
  readonly onLeft: ((work: Promise<unknown>) => void) | undefined;
}

/** The last date that JavaScript knows: the `until` of places without an end, which need no timer. */
const endOfTime = 8_640_000_000_000_000;

/** How work under a deadline ended. */
export type End<T> =
  | { readonly kind: "returned"; readonly value: T }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "stopped"; readonly reason: string };

/**
 * Bounds one attempt by its timeout, by its place's end and by a stop request. Its `signal` aborts at the first of them; work
 * that ignores it is left behind. Timers and controllers are made only when they are needed.
 */
export class Deadline {
  readonly #bounds: Bounds;
  readonly #startedAt: number;
  /** Epoch milliseconds, perhaps `Infinity`. */
  readonly #at: number;
  #controller: AbortController | undefined;
  #waits: AbortController | undefined;
  #aborted: Error | undefined;
  #over: Error | undefined;

  constructor(bounds: Bounds, startedAt: number) {
    this.#bounds = bounds;
    this.#startedAt = startedAt;
    const placeEnds = bounds.until >= endOfTime ? Infinity : bounds.until - (bounds.reserveMs ?? defaultReserveMs);
    this.#at = Math.min(placeEnds, startedAt + (bounds.timeoutMs ?? Infinity));
  }

  /** For the step function. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.#at - this.#bounds.clock.now());
  }

  /** Throws once the attempt has ended without its work: what is left of that writes nothing any more. */
  check(): void {
    if (this.#over !== undefined) throw this.#over;
  }

  /** Throws once a stop is asked for: nothing further is begun. */
  checkStop(): void {
    if (this.#bounds.signal.aborted) throw this.#stopError();
  }

  /** Does the work; never rejects. To be called once. */
  run<T>(work: () => Promise<T>): Promise<End<T>> {
    const { signal, clock } = this.#bounds;
    if (signal.aborted) return Promise.resolve({ kind: "stopped", reason: reasonOf(signal) });
    if (clock.now() >= this.#at) return Promise.resolve({ kind: "threw", error: this.#timeoutError() });
    return new Promise((resolve) => {
      const end = (result: End<T>) => {
        signal.removeEventListener("abort", stop);
        this.#waits?.abort(notNeeded);
        resolve(result);
      };
      const giveUp = (error: Error) => {
        this.#over = error;
        this.#abort(error);
        this.#bounds.onLeft?.(working);
        end(this.#threw(error));
      };
      const stop = () => {
        const error = this.#stopError();
        this.#abort(error);
        this.#waits?.abort(notNeeded);
        this.#after(Math.min(graceMs, this.remainingMs()), () => giveUp(error));
      };
      signal.addEventListener("abort", stop);
      if (this.#at !== Infinity) this.#after(this.remainingMs(), () => giveUp(this.#timeoutError()));
      const working = work();
      working.then(
        (value) => end(this.#returned(value)),
        (error: unknown) => end(this.#threw(error)),
      );
    });
  }

  #returned<T>(value: T): End<T> {
    return this.#late() ? { kind: "threw", error: this.#timeoutError() } : { kind: "returned", value };
  }

  #threw<T>(error: unknown): End<T> {
    const { signal } = this.#bounds;
    if (signal.aborted) return { kind: "stopped", reason: reasonOf(signal) };
    return { kind: "threw", error };
  }

  /** Work that held up its own thread returns before the timer can tell. */
  #late(): boolean {
    const { timeoutMs, clock } = this.#bounds;
    return timeoutMs !== undefined && clock.now() - this.#startedAt > timeoutMs;
  }

  #abort(error: Error): void {
    this.#aborted ??= error;
    this.#controller?.abort(this.#aborted);
  }

  #after(ms: number, act: () => void): void {
    const waits = (this.#waits = new AbortController());
    void this.#act(this.#bounds.clock.wait(ms, waits.signal), waits.signal, act);
  }

  async #act(wait: Promise<void>, signal: AbortSignal, act: () => void): Promise<void> {
    await wait;
    if (!signal.aborted) act();
  }

  #timeoutError(): SkeinError {
    const { timeoutMs, what } = this.#bounds;
    const own = timeoutMs !== undefined && this.#startedAt + timeoutMs <= this.#at;
    const why = own ? `ran longer than its timeout of ${formatDuration(timeoutMs)}` : "was not done when its place had no time left";
    return new SkeinError("step_timeout", `The ${what} ${why}: give it more time, or have it watch its context's signal.`);
  }

  #stopError(): Error {
    const { signal, what } = this.#bounds;
    return signal.reason instanceof SkeinError
      ? signal.reason
      : new SkeinError("stopped", `The ${what} was asked to stop: ${reasonOf(signal)}`);
  }
}

/** `abort(reason)` takes anything; without a reason the platform makes an error that says nothing. */
function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  if (typeof reason === "string") return reason;
  if (reason instanceof DOMException && reason.name === "AbortError") return "stop requested";
  return reason instanceof Error ? reason.message : String(reason);
}
