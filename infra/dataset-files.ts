import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { BundledFiles } from "./bundled-files.ts";

/**
 * Data files of the npm package `vega-datasets`, as they travel with the functions: in a package of that name, so that the pipelines find
 * them there as they do here.
 */
export function datasetFiles(names: readonly string[]): BundledFiles {
  const entry = createRequire(import.meta.url).resolve("vega-datasets");
  const folder = dirname(dirname(entry));
  const paths = ["package.json", "build/index.js", ...names.map((name) => `data/${name}`)];
  return Object.fromEntries(paths.map((path) => [`node_modules/vega-datasets/${path}`, join(folder, path)]));
}
