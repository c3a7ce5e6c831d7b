/** The names that somebody may have meant by `name`, best first, at most three. */
export function nearest(name: string, names: Iterable<string>): readonly string[] {
  const scored = [...names].map((other) => ({ other, score: likeness(name, other) })).filter(({ score }) => score >= enough);
  return scored
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ other }) => other);
}

/** For a message about options: the wrong one, what may have been meant, and what there is. */
export function unknownOption(key: string, keys: readonly string[]): string {
  const [near] = nearest(key, keys);
  return `it has no option "${key}"${near === undefined ? "" : ` (did you mean "${near}"?)`}; options are ${keys.join(", ")}`;
}

const enough = 0.4;

/** Dice's coefficient: the share of letter pairs that two words have in common, from 0 to 1. */
function likeness(a: string, b: string): number {
  const pairsOfA = pairs(a);
  const pairsOfB = pairs(b);
  const common = [...pairsOfA].filter((pair) => pairsOfB.has(pair)).length;
  return (2 * common) / (pairsOfA.size + pairsOfB.size);
}

/** With marks at both ends, so that a wrong letter in a short word leaves something in common. */
function pairs(word: string): Set<string> {
  const marked = `^${word.toLowerCase()}$`;
  return new Set(Array.from({ length: marked.length - 1 }, (_, i) => marked.slice(i, i + 2)));
}
