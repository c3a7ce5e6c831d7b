/** Together, and of a single artifact: a map's shared input fits, a function of the smallest size keeps its memory. */
const maxBytes = 32 * 1_048_576;
const maxEntry = 8 * 1_048_576;

/**
 * Bytes whose digest was checked, kept for the next load in this process: a map's items share inputs, and each would fetch
 * them again. By digest, so that what is kept is right whatever happens to the store; least recently used leaves first.
 */
class VerifiedBytes {
  readonly #kept = new Map<string, Uint8Array>();
  #total = 0;

  get(digest: string): Uint8Array | undefined {
    const bytes = this.#kept.get(digest);
    if (bytes === undefined) return undefined;
    this.#kept.delete(digest);
    this.#kept.set(digest, bytes);
    return bytes;
  }

  /** Small enough to be kept. */
  keeps(bytes: Uint8Array): boolean {
    return bytes.length <= maxEntry;
  }

  keep(digest: string, bytes: Uint8Array): void {
    if (!this.keeps(bytes) || this.#kept.has(digest)) return;
    this.#kept.set(digest, bytes);
    this.#total += bytes.length;
    for (const [oldest, old] of this.#kept) {
      if (this.#total <= maxBytes) break;
      this.#kept.delete(oldest);
      this.#total -= old.length;
    }
  }
}

const byStore = new WeakMap<object, VerifiedBytes>();

/** One for each store object: a store that was opened anew is read anew. Nobody may change the bytes. */
export function verifiedBytesOf(store: object): VerifiedBytes {
  const known = byStore.get(store);
  if (known !== undefined) return known;
  const made = new VerifiedBytes();
  byStore.set(store, made);
  return made;
}
