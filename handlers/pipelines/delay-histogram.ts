import { z } from "zod";

/** How many flights had which delay. Delays are whole minutes, so it loses nothing, and two of them add up to the one of both. */
export const DelayHistogram = z.object({
  /** Minutes, ascending, each once. */
  delays: z.array(z.int()),
  /** `counts[i]` flights were `delays[i]` minutes late. */
  counts: z.array(z.int().min(1)),
});
export type DelayHistogram = z.infer<typeof DelayHistogram>;

/** What a histogram tells, exactly. Times are minutes. */
export const DelaySummary = z.object({
  flights: z.int().min(0),
  mean: z.number(),
  median: z.number(),
  p95: z.number(),
  /** The share, 0 to 1, of flights that were late by the run's `lateAfter` or more. */
  late: z.number(),
});
export type DelaySummary = z.infer<typeof DelaySummary>;

/** A histogram that grows. */
export class DelayTally {
  readonly #counts = new Map<number, number>();

  add(delay: number, count = 1): void {
    this.#counts.set(delay, (this.#counts.get(delay) ?? 0) + count);
  }

  addAll({ delays, counts }: DelayHistogram): this {
    delays.forEach((delay, index) => this.add(delay, counts[index]));
    return this;
  }

  histogram(): DelayHistogram {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    return { delays: sorted.map(([delay]) => delay), counts: sorted.map(([, count]) => count) };
  }
}

/** @throws RangeError if the histogram has no flights: nothing has no mean. */
export function summarizeDelays(histogram: DelayHistogram, lateAfter: number): DelaySummary {
  const { delays, counts } = histogram;
  const flights = counts.reduce((sum, count) => sum + count, 0);
  if (flights === 0) throw new RangeError("A histogram without flights has no summary.");
  const total = delays.reduce((sum, delay, index) => sum + delay * (counts[index] ?? 0), 0);
  const late = counts.reduce((sum, count, index) => ((delays[index] ?? 0) >= lateAfter ? sum + count : sum), 0);
  return {
    flights,
    mean: total / flights,
    median: quantile(histogram, flights, 0.5),
    p95: quantile(histogram, flights, 0.95),
    late: late / flights,
  };
}

/** The value at rank `share · (flights - 1)`, between two ranks in proportion (SQL's `percentile_cont`). */
function quantile(histogram: DelayHistogram, flights: number, share: number): number {
  const rank = share * (flights - 1);
  const below = delayAt(histogram, Math.floor(rank));
  const above = delayAt(histogram, Math.ceil(rank));
  return below + (above - below) * (rank - Math.floor(rank));
}

function delayAt({ delays, counts }: DelayHistogram, rank: number): number {
  let flights = 0;
  const index = counts.findIndex((count) => (flights += count) > rank);
  return delays[index] ?? Number.NaN;
}
