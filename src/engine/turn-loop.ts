import type { RunId } from "../model/id.ts";
import type { Wake } from "../model/task.ts";
import type { TurnQueue } from "../ports/turn-queue.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import { JournalCache } from "./journal-cache.ts";
import { takeTurn, type TurnEnd } from "./turn.ts";
import type { TurnHost } from "./turn-place.ts";
import { WarmRuns } from "./warm-runs.ts";

/** A live turn of this process, and what came for its run meanwhile. */
interface Live {
  poked: Promise<void>;
  poke: () => void;
  next: Wake | undefined;
  /** Why no other turn of this process may follow. */
  failure?: { readonly error: unknown };
}

/** Told how each turn ended; `error`: what it failed with, where it did. */
export type OnTurn = (run: RunId, end: TurnEnd | undefined, error?: unknown) => void;

/**
 * Takes turns in this process, one at a time for each run: the turn queue of the embedded engine. A wake for a run whose turn is
 * live pokes that turn, and is looked at again when it ends, so that none is lost.
 */
export class TurnLoop implements TurnQueue, TurnHost {
  readonly warm = new WarmRuns();
  readonly journals = new JournalCache();
  readonly #ports: Omit<TurnPorts, "turns">;
  readonly #invocation: Invocation;
  readonly #onTurn: OnTurn;
  readonly #live = new Map<RunId, Live>();
  readonly #closing = new AbortController();

  constructor(ports: Omit<TurnPorts, "turns">, invocation: Invocation, onTurn: OnTurn) {
    this.#ports = ports;
    this.#invocation = invocation;
    this.#onTurn = onTurn;
  }

  /** Runs with a live turn. */
  get liveRuns(): readonly RunId[] {
    return [...this.#live.keys()];
  }

  async wake(wake: Wake, delayMs = 0): Promise<void> {
    if (this.#closing.signal.aborted) return;
    if (delayMs > 0) void this.#later(wake, delayMs);
    else this.#now(wake);
  }

  async #later(wake: Wake, delayMs: number): Promise<void> {
    await this.#ports.clock.wait(delayMs, this.#closing.signal);
    if (!this.#closing.signal.aborted) this.#now(wake);
  }

  #now(wake: Wake): void {
    const live = this.#live.get(wake.run);
    if (live === undefined) {
      void this.#advance(wake);
      return;
    }
    live.next = live.next === undefined ? wake : merged(live.next, wake);
    live.poke();
  }

  poked(run: RunId): Promise<void> {
    const live = this.#live.get(run);
    if (live === undefined) return new Promise(() => {});
    return live.poked.then(() => renew(live));
  }

  async #advance(first: Wake): Promise<void> {
    const live: Live = { poked: Promise.resolve(), poke: () => {}, next: undefined };
    renew(live);
    this.#live.set(first.run, live);
    let end: TurnEnd | undefined;
    let error: unknown;
    for (let wake: Wake | undefined = first; wake !== undefined && end !== "ended";) {
      live.next = undefined;
      try {
        end = await takeTurn(wake, { ...this.#ports, turns: this }, this.#invocation, this);
        if (live.failure !== undefined && end !== "ended") throw live.failure.error;
      } catch (thrown) {
        error = thrown;
        break;
      }
      wake = live.next;
    }
    this.#live.delete(first.run);
    this.#onTurn(first.run, error === undefined ? end : undefined, error);
  }

  /** This process cannot do what the run needs of it: a live turn is its last one. */
  fail(run: RunId, error: unknown): void {
    const live = this.#live.get(run);
    if (live === undefined) this.#onTurn(run, undefined, error);
    else live.failure = { error };
  }

  /** No turn begins any more; live ones are not interrupted. */
  close(): void {
    this.#closing.abort();
  }
}

function renew(live: Live): void {
  live.poked = new Promise((resolve) => (live.poke = resolve));
}

/** Two wakes ask for one look at everything; what is special of either is kept. */
function merged(one: Wake, other: Wake): Wake {
  const { v, run } = one;
  const strong = [one, other].find(({ reason }) => reason === "resume" || reason === "sweep" || reason === "crash");
  const dead = other.dead ?? one.dead;
  return {
    v,
    run,
    reason: strong?.reason ?? other.reason,
    ...(dead === undefined ? {} : { dead }),
  };
}
