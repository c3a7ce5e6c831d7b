import { readFile } from "node:fs/promises";
import { csvParse } from "d3-dsv";
import { datasetPath } from "./dataset.ts";

/** Where the airports are, such as "Bangor, ME", by their code. */
export async function readPlaces(): Promise<Record<string, string>> {
  const airports = csvParse(await readFile(datasetPath("airports.csv"), "utf8"));
  return Object.fromEntries(airports.map(({ iata = "", city = "", state = "" }) => [iata, `${city}, ${state}`]));
}
