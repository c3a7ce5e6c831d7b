import { z } from "zod";
import { pipeline, step } from "../../src/index.ts";
import { countDelays, DelayCell } from "./delay-cell.ts";
import { delayStatistics, DelayStatistics } from "./delay-statistics.ts";
import { Html } from "./html.ts";
import { RowGroup } from "./row-group.ts";

// The libraries that read and draw are imported by the steps that use them: every process loads this file, and must be quick to.

export const listRowGroups = step({ name: "list_row_groups", output: z.array(RowGroup) }, async () => {
  const { readRowGroups } = await import("./flights-file.ts");
  return readRowGroups();
});

const Places = z.record(z.string(), z.string());

export const loadPlaces = step({ name: "load_places", output: Places }, async () => {
  const { readPlaces } = await import("./airports-file.ts");
  return readPlaces();
});

export const countGroup = step(
  {
    name: "count_delays",
    input: z.object({ group: RowGroup }),
    output: z.array(DelayCell),
    runtime: "isolated",
    resources: { memoryMb: 512 },
    timeout: "2m",
    retry: { maxRetries: 2, delay: "1s", backoff: 2 },
  },
  async ({ group }, { log, metadata }) => {
    const { readFlights } = await import("./flights-file.ts");
    const cells = countDelays(await readFlights(group));
    const flights = group.rowEnd - group.rowStart;
    log("counted", { group: group.index, flights });
    metadata({ flights, cells: cells.length });
    return cells;
  },
);

const Params = z.strictObject({
  /** Airports and hours with fewer flights are not ranked: their means say little. */
  minFlights: z.int().min(1).default(1000),
  /** Minutes from which a flight counts as late; the Department of Transportation says 15. */
  lateAfter: z.int().min(0).default(15),
});

export const mergeDelays = step(
  {
    name: "merge_delays",
    input: Params.extend({ parts: z.array(z.array(DelayCell)), places: Places }),
    output: DelayStatistics,
  },
  ({ parts, ...options }, { metadata }) => {
    const statistics = delayStatistics(parts, options);
    metadata({ flights: statistics.total.flights, airports: statistics.airports.length });
    return statistics;
  },
);

export const drawReport = step(
  {
    name: "draw_report",
    input: z.object({ statistics: DelayStatistics }),
    output: Html,
    runtime: "isolated",
    resources: { memoryMb: 512 },
  },
  async ({ statistics }) => {
    const { flightReport } = await import("./flight-report.ts");
    return flightReport(statistics);
  },
);

/** How late flights arrive, by airport and hour of departure, from three million flights: statistics and a page with charts. */
export const flightDelays = pipeline({ name: "flight_delays", params: Params }, async ({ minFlights, lateAfter }) => {
  const places = loadPlaces.submit();
  const groups = await listRowGroups();
  const parts = countGroup.map({ group: groups });
  const statistics = await mergeDelays({ parts, places, minFlights, lateAfter });
  const report = await drawReport({ statistics });
  return { statistics, report };
});
