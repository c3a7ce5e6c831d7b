import { expect, test } from "vitest";
import { boundedAll } from "../../src/execute/bounded-all.ts";

test("no more than so many are at work at once, and results keep their order", async () => {
  let working = 0;
  let most = 0;
  const squares = await boundedAll([5, 3, 1, 4, 2], 2, async (n) => {
    most = Math.max(most, ++working);
    for (let i = 0; i < n; i++) await Promise.resolve();
    working--;
    return n * n;
  });
  expect(squares).toEqual([25, 9, 1, 16, 4]);
  expect(most).toBe(2);
});

test("the first failure wins, and nothing is begun after it", async () => {
  const begun: number[] = [];
  const all = boundedAll([0, 1, 2, 3, 4, 5], 2, async (n) => {
    begun.push(n);
    await Promise.resolve();
    if (n === 1) throw new Error("one");
  });
  await expect(all).rejects.toThrow("one");
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
});
