import * as fc from "fast-check";
import { expect, test } from "vitest";
import { DelayTally, summarizeDelays } from "../../handlers/pipelines/delay-histogram.ts";

const delays = fc.array(fc.integer({ min: -60, max: 400 }), { minLength: 1, maxLength: 60 });

function tallied(list: readonly number[]): DelayTally {
  const tally = new DelayTally();
  for (const delay of list) tally.add(delay);
  return tally;
}

/** The textbook's way: sort all values and go between the two nearest ranks. */
function quantile(list: readonly number[], share: number): number {
  const sorted = list.toSorted((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const [low = 0, high = low] = sorted.slice(Math.floor(rank), Math.floor(rank) + 2);
  return low + (high - low) * (rank % 1);
}

test("a histogram tells the same as the delays it was made of", () => {
  fc.assert(
    fc.property(delays, fc.integer({ min: 0, max: 60 }), (list, lateAfter) => {
      const summary = summarizeDelays(tallied(list).histogram(), lateAfter);
      expect(summary.flights).toBe(list.length);
      expect(summary.mean).toBeCloseTo(list.reduce((sum, delay) => sum + delay, 0) / list.length, 9);
      expect(summary.median).toBeCloseTo(quantile(list, 0.5), 9);
      expect(summary.p95).toBeCloseTo(quantile(list, 0.95), 9);
      expect(summary.late).toBeCloseTo(list.filter((delay) => delay >= lateAfter).length / list.length, 9);
    }),
  );
});

test("histograms of parts add up to the histogram of all, in any order", () => {
  fc.assert(
    fc.property(delays, delays, (a, b) => {
      const [first, second, all] = [tallied(a).histogram(), tallied(b).histogram(), tallied([...a, ...b]).histogram()];
      expect(new DelayTally().addAll(first).addAll(second).histogram()).toEqual(all);
      expect(new DelayTally().addAll(second).addAll(first).histogram()).toEqual(all);
    }),
  );
});

test("a histogram without flights has no summary", () => {
  expect(() => summarizeDelays({ delays: [], counts: [] }, 15)).toThrow(RangeError);
});
