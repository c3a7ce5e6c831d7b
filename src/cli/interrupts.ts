/** Ctrl-C in two steps: the first asks, the second leaves. */
export class Interrupts {
  readonly #listener: () => void;
  #count = 0;

  constructor(ask: () => void, leave: () => void) {
    this.#listener = () => (this.#count++ === 0 ? ask() : leave());
    process.on("SIGINT", this.#listener);
  }

  close(): void {
    process.off("SIGINT", this.#listener);
  }
}
