import { asyncBufferFromFile, parquetMetadataAsync, parquetScan } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { datasetPath } from "./dataset.ts";
import type { FlightColumns } from "./delay-cell.ts";
import type { RowGroup } from "./row-group.ts";

/**
 * 3,000,000 flights in the USA, January to June 2001. `date` is when the flight left, by the clock of its airport; `delay` is how
 * late it arrived, in whole minutes, negative if early.
 */
const flights = datasetPath("flights-3m.parquet");
const microsecondsPerHour = 3_600_000_000n;

export async function readRowGroups(): Promise<RowGroup[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(flights));
  let rowStart = 0;
  return metadata.row_groups.map(({ num_rows }, index) => {
    const group = { index, rowStart, rowEnd: rowStart + Number(num_rows) };
    rowStart = group.rowEnd;
    return group;
  });
}

/** Reads the columns that the delays need, as columns: no object a flight. */
export async function readFlights({ rowStart, rowEnd }: RowGroup): Promise<FlightColumns> {
  const scan = await parquetScan({
    file: await asyncBufferFromFile(flights),
    columns: ["date", "delay", "origin"],
    rowStart,
    rowEnd,
    compressors,
    // Asked once for each distinct value of the column's dictionary, so the hour costs nothing a row.
    parsers: { timestampFromMicroseconds: (micros) => Number((micros / microsecondsPerHour) % 24n) },
  });
  const column = async (name: string): Promise<ArrayLike<unknown>> => scan.readColumn({ column: name, rowStart, rowEnd });
  return {
    hours: numbers("date", await column("date")),
    delays: numbers("delay", await column("delay")),
    airports: strings("origin", await column("origin")),
  };
}

function numbers(name: string, values: ArrayLike<unknown>): Int32Array {
  return Int32Array.from(values, (value, row) => {
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw new Error(`flights-3m.parquet: ${name} of row ${row} is ${typeof value}, not a number`);
  });
}

function strings(name: string, values: ArrayLike<unknown>): string[] {
  return Array.from(values, (value, row) => {
    if (typeof value === "string") return value;
    throw new Error(`flights-3m.parquet: ${name} of row ${row} is ${typeof value}, not text`);
  });
}
