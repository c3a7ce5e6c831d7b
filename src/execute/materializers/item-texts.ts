import { encodeValue } from "../../model/value.ts";

/** Characters of all lists together, and the number of lists. */
const maxCharacters = 16 * 1_048_576;
const maxLists = 16;

/**
 * The items of lists that are read one by one, each as its own text: a map over an array of n items would else parse all of it
 * n times. A list is split when a second item of it is wanted; texts, not values, are kept, so that every load is fresh.
 */
export class ItemTexts {
  readonly #lists = new Map<string, readonly string[]>();
  #characters = 0;
  /** Read once, by digest. */
  #visited: string | undefined;

  item(digest: string, index: number): string | undefined {
    return this.#lists.get(digest)?.[index];
  }

  /** Says that the list was parsed for one of its items. */
  visit(digest: string, list: readonly unknown[]): void {
    if (this.#visited !== digest) {
      this.#visited = digest;
      return;
    }
    const texts = Array.from(list, encodeValue);
    const characters = count(texts);
    if (characters > maxCharacters) return;
    this.#lists.set(digest, texts);
    this.#characters += characters;
    this.#shrink();
  }

  #shrink(): void {
    for (const [digest, texts] of this.#lists) {
      if (this.#characters <= maxCharacters && this.#lists.size <= maxLists) return;
      this.#lists.delete(digest);
      this.#characters -= count(texts);
    }
  }
}

function count(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
