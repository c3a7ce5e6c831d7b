import { hash } from "node:crypto";
import type { Entropy } from "../../ports/entropy.ts";

/** The same nonces for the same seed, all different, for tests and simulations. */
export class SeededEntropy implements Entropy {
  readonly #seed: number | string;
  #made = 0;

  constructor(seed: number | string) {
    this.#seed = seed;
  }

  nonce(): string {
    return hash("sha256", `${this.#seed}:${this.#made++}`).slice(0, 20);
  }
}
