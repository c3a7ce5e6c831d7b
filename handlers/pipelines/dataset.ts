import { createRequire } from "node:module";
import { join } from "node:path";

/** The path of a file of the npm package `vega-datasets`, found from here in whatever process a step runs. */
export function datasetPath(file: string): string {
  const entry = createRequire(import.meta.url).resolve("vega-datasets"); // <package>/build/index.js: the data are not exported by name
  return join(entry, "..", "..", "data", file);
}
