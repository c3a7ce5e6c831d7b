import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { Patience, second } from "./waiting.ts";

let patience = new Patience();

const slow = step({ name: "slow_item", input: z.object({ n: z.number() }), output: z.number() }, async ({ n }, { signal }) => {
  await patience.clock.wait(second, signal);
  if (n === 1) throw new RangeError("no");
  signal.throwIfAborted();
  return n;
});

const numbers = Array.from({ length: 40 }, (_, n) => n);

describe("an inline map that is cancelled half-way", () => {
  const cut = pipeline({ name: "cut_map", params: z.object({ from: z.number() }) }, async ({ from }, run) => {
    const map = slow.map({ n: numbers.slice(from) }, { maxConcurrency: 1 });
    await run.sleep("2.5s");
    map.cancel("enough");
    await map.result().catch(() => {});
    const items = await map.items();
    const ends = await Promise.allSettled(items);
    run.log(ends.map(({ status }) => status.charAt(0)).join(""));
    run.log(String(ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as Error).message] : [])).at(-1)));
  });

  it.each([
    ["some of whose items were done", 2, "ff"],
    ["one of whose items had failed", 0, "fr"],
  ])("and %s tells how each of them ended, also those that it never came to", async (_, from, begin) => {
    patience = new Patience();
    const run = await patience.start(cut, { from });
    const { ended } = await patience.ended(run);
    expect(ended?.error?.code).not.toBe("nothing_to_wait_for");
    const [ends, last] = await patience.said(run);
    expect(ends).toBe(begin.padEnd(numbers.length - from, "r"));
    expect(last).toContain("enough");
  });
});
