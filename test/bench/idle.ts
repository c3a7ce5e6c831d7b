import { prices } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** Something that costs money while nothing runs. */
export interface Standing {
  readonly what: string;
  /** A month. */
  readonly times: number;
  readonly usd: number;
}

const minutesOfMonth = 30 * 24 * 60;
/** Lambda asks the queue of an event source for messages with five requests at once, or two where it finds little, for up to 20 seconds each. */
const pollers = { most: 5, least: 2 } as const;
const pollsPerMinute = 3;
/** Alarms of `infra/alarms.ts`. */
const alarms = 7;
/** Of the sweeper; how long it takes is an assumption, as with turns. */
const sweeper = { memoryGb: 0.25, ms: 50 } as const;

/** What a deployment costs in which nothing runs; `sweep`: what one invocation of the sweeper takes. */
export function idleMonth(sweep: Usage): readonly Standing[] {
  const { million, month, gbSecond, logGb } = prices;
  const polls = (count: number): Standing => {
    const times = count * pollsPerMinute * minutesOfMonth;
    return { what: `receives from the empty queue, by ${count} pollers`, times, usd: (times / 1e6) * million.queueRequest };
  };
  const sweeps = minutesOfMonth;
  const sweepUsd =
    (million.invocation + sweep.readUnits * million.readUnit) / 1e6 +
    (sweeper.ms / 1_000) * sweeper.memoryGb * gbSecond +
    (sweep.logBytes / 1e9) * logGb;
  return [
    polls(pollers.most),
    polls(pollers.least),
    { what: "sweeps: invocation, a query, compute and logs", times: sweeps, usd: sweeps * sweepUsd },
    { what: "events of the sweeper's rule", times: sweeps, usd: 0 },
    { what: "alarms", times: alarms, usd: alarms * month.alarm },
  ];
}
