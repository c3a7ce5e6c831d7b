import { randomBytes } from "node:crypto";
import type { Entropy } from "../../ports/entropy.ts";

/** 32 characters: five bits of a byte choose one, all equally likely. */
const alphabet = "0123456789abcdefghijklmnopqrstuv";
const length = 16;

/** The operating system's randomness: 80 bits a nonce. Not drawn ahead, so that a restored snapshot repeats none. */
export class CryptoEntropy implements Entropy {
  nonce(): string {
    let text = "";
    for (const byte of randomBytes(length)) text += alphabet[byte & 31];
    return text;
  }
}
