import { randomFillSync } from "node:crypto";
import type { Entropy } from "../../ports/entropy.ts";

/** 32 characters: five bits of a byte choose one, all equally likely. */
const alphabet = "0123456789abcdefghijklmnopqrstuv";
const length = 16;
/** Nonces drawn at once: asking the operating system for each costs more than an inline step's journal entry. */
const drawn = 64;

/**
 * The operating system's randomness: 80 bits a nonce. Drawn ahead, which is safe because no environment of Node is ever copied
 * from a snapshot (Lambda's SnapStart excludes it): each process draws its own.
 */
export class CryptoEntropy implements Entropy {
  readonly #bytes = new Uint8Array(length * drawn);
  #at = this.#bytes.length;

  nonce(): string {
    if (this.#at === this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#at = 0;
    }
    let text = "";
    for (let i = 0; i < length; i++) text += alphabet.charAt((this.#bytes[this.#at++] ?? 0) & 31);
    return text;
  }
}
