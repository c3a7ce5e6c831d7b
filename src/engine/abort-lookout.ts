import type { AttemptKey } from "../model/attempt.ts";
import type { Ports } from "./ports.ts";

/** A short step is done before anybody could have asked it to stop: until then nothing is read. */
const firstLookMs = 40_000;
const nextLookMs = 15_000;

/** Looks into the row of an attempt that runs where no signal reaches it, for a request to abort; or for its end by somebody else. */
export class AbortLookout {
  readonly #key: AttemptKey;
  readonly #ports: Pick<Ports, "state" | "clock" | "onLeft">;
  readonly #controller = new AbortController();
  readonly #closed = new AbortController();
  readonly #watching: Promise<void>;

  constructor(key: AttemptKey, ports: Pick<Ports, "state" | "clock" | "onLeft">) {
    this.#key = key;
    this.#ports = ports;
    this.#watching = this.#watch();
  }

  /** Aborts with the reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async #watch(): Promise<void> {
    for (let pause = firstLookMs; ; pause = nextLookMs) {
      await this.#ports.clock.wait(pause, this.#closed.signal);
      if (this.#closed.signal.aborted) return;
      const reason = await this.#look();
      if (reason === undefined) continue;
      this.#controller.abort(reason);
      return;
    }
  }

  async #look(): Promise<string | undefined> {
    // A look that fails says nothing; the next one may.
    const [row] = await this.#ports.state.readAttempts([this.#key]).catch(() => []);
    if (this.#closed.signal.aborted) return undefined;
    if (row?.status === "running") return row.abort;
    return row === undefined ? undefined : "its attempt has been ended by others";
  }

  /** No timer is left; a look that is on its way is told of. */
  close(): void {
    this.#closed.abort();
    this.#ports.onLeft?.(this.#watching);
  }
}
