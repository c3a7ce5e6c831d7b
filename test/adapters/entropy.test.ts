import { expect, test } from "vitest";
import { CryptoEntropy } from "../../src/adapters/local/system-entropy.ts";
import { SeededEntropy } from "../../src/adapters/memory/seeded-entropy.ts";
import { makeRunId } from "../../src/model/id.ts";

const draw = (entropy: { nonce(): string }, count: number) => Array.from({ length: count }, () => entropy.nonce());

test.each([
  ["seeded", new SeededEntropy(1)],
  ["system", new CryptoEntropy()],
])("%s nonces are well formed, all different, and fit run ids", (_, entropy) => {
  const nonces = draw(entropy, 20_000);
  expect(new Set(nonces).size).toBe(20_000);
  for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-z]{12,24}$/);
  expect(makeRunId(Date.now(), nonces[0] ?? "")).toMatch(/^run_/);
});

test("a seed decides its nonces, another gives others", () => {
  expect(draw(new SeededEntropy(7), 50)).toEqual(draw(new SeededEntropy(7), 50));
  expect(draw(new SeededEntropy(7), 50)).not.toEqual(draw(new SeededEntropy(8), 50));
});

test("the system's nonces use every character about equally often", () => {
  const counts = new Map<string, number>();
  for (const character of draw(new CryptoEntropy(), 20_000).join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(32);
  // 10,000 expected of each, with a standard deviation of 98: seven of them leave no chance to chance.
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(700);
});
