/** Randomness, so that simulations own it. */
export interface Entropy {
  /** A nonce that no other invocation will ever make: at least 12 characters of `[0-9a-z]`. */
  nonce(): string;
}
