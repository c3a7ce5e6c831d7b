import { exitCode } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

/** Ctrl-C in two steps: the first asks a run to stop, the second leaves. One that comes while the run begins is kept until it has. */
export class Interrupts {
  readonly #listener: () => void;
  #count = 0;
  #ask: () => void;
  #leave: () => void;

  constructor({ note }: Pick<Terminal, "note">) {
    this.#ask = () => note("The run is stopped as soon as it has begun. Ctrl-C again leaves at once.");
    this.#leave = () => process.exit(exitCode.interrupted);
    this.#listener = () => (this.#count++ === 0 ? this.#ask() : this.#leave());
    process.on("SIGINT", this.#listener);
  }

  /** What the two do now that there is a run. Where the first has come already, this asks at once. */
  become(ask: () => void, leave: () => void): void {
    [this.#ask, this.#leave] = [ask, leave];
    if (this.#count > 0) ask();
  }

  close(): void {
    process.off("SIGINT", this.#listener);
  }
}
