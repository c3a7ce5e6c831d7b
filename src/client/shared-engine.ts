import type { Engine } from "../engine/engine.ts";

/** One engine for all runs of a catalogue that this process has started: opened for the first, closed after the last. */
export class SharedEngine {
  readonly #open: () => Promise<Engine>;
  #engine: Promise<Engine> | undefined;
  #users = 0;

  constructor(open: () => Promise<Engine>) {
    this.#open = open;
  }

  /** Each `use` is to be followed by one `release`. */
  async use(): Promise<Engine> {
    this.#users++;
    this.#engine ??= this.#open();
    try {
      return await this.#engine;
    } catch (error) {
      this.#users--;
      this.#engine = undefined;
      throw error;
    }
  }

  async release(): Promise<void> {
    if (--this.#users > 0) return;
    const engine = this.#engine;
    this.#engine = undefined;
    await (await engine)?.close();
  }
}
