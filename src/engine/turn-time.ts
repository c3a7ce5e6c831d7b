import type { Clock } from "../ports/clock.ts";
import type { Invocation } from "./ports.ts";

/** What is given longer than this has no limit: the embedded engine's processes. */
const longestTurnMs = 365 * 86_400_000;
/** Kept free at the end of an invocation, for what must be written before it ends; a fifth of it where it is short. */
const longestMarginMs = 10_000;
/** A turn that has begun no inline step yet may begin one until this part of its time has passed, so that every turn gets on. */
const freshPart = 1 / 4;
/** What a step without a timeout is given at the least, as a part of a turn's time. */
const untimedPart = 1 / 2;

/** What a turn keeps free at its end. */
export function marginMs({ began, until }: Invocation): number {
  return Math.min(longestMarginMs, (until - began) / 5);
}

/** The time of an invocation: a turn ends before it does, and begins nothing that could not end in it (R17). */
export class TurnTime {
  readonly #invocation: Invocation;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #marginMs: number;

  constructor(invocation: Invocation, clock: Clock) {
    this.#invocation = invocation;
    this.#clock = clock;
    this.#limitMs = invocation.until - invocation.began;
    this.#marginMs = marginMs(invocation);
  }

  /** The invocation has an end that matters. */
  get isBounded(): boolean {
    return this.#limitMs < longestTurnMs;
  }

  /** The turn is to hand over: nothing more is begun. */
  get isShort(): boolean {
    return this.#leftMs < this.#marginMs;
  }

  /** The longest timeout that an inline step may have here. */
  get longestMs(): number {
    return this.#limitMs - this.#marginMs;
  }

  /** `isFirst`: the turn has begun no inline step yet. `delayMs`: it begins this much later. */
  hasRoomFor(timeoutMs: number | undefined, isFirst: boolean, delayMs = 0): boolean {
    const needed = delayMs + (timeoutMs ?? this.#limitMs * untimedPart) + this.#marginMs;
    return this.#leftMs >= needed || (isFirst && this.#leftMs > this.#limitMs * (1 - freshPart));
  }

  get #leftMs(): number {
    return this.#invocation.until - this.#clock.now();
  }
}
