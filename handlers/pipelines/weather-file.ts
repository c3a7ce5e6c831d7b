import { readFile } from "node:fs/promises";
import { csvParse } from "d3-dsv";
import { z } from "zod";
import { datasetPath } from "./dataset.ts";
import { Day } from "./weather-day.ts";

/** Every day of Seattle from 2012 to 2015. */
export async function readDays(): Promise<Day[]> {
  const rows = csvParse(await readFile(datasetPath("seattle-weather.csv"), "utf8"));
  return z.array(Day).parse(
    rows.map((row) => ({
      date: row["date"],
      precipitation: Number(row["precipitation"]),
      tempMax: Number(row["temp_max"]),
      tempMin: Number(row["temp_min"]),
      wind: Number(row["wind"]),
      weather: row["weather"],
    })),
  );
}
