import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { bundleMeasures } from "./bundles.ts";
import { cliMeasures } from "./cli.ts";
import { printTable, writeResults, type Measure } from "./measure.ts";
import { replayMeasures } from "./replay.ts";
import { largeMapMeasures, stepMeasures } from "./steps.ts";

/** What the project holds itself to, on two quiet cores. */
const goals: Readonly<Record<string, number>> = {
  "inline.memory": 0.03,
  "inline.embedded": 0.25,
  "map1000.memory": 0.02,
  "map1000.embedded": 0.1,
  "isolated.embedded": 1.5,
  "replay.10000": 30,
  "replay.30000": 100,
  "replay.1000000": 4_000,
  "cli.firstStep": 300,
  "cli.runs": 200,
  "bundle.orchestrator.start": 400,
};

const parts: Readonly<Record<string, () => Promise<readonly Measure[]>>> = {
  steps: stepMeasures,
  map: largeMapMeasures,
  replay: replayMeasures,
  cli: cliMeasures,
  bundles: bundleMeasures,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((part) => !(part in parts));
if (unknown.length > 0) {
  console.error(`there is no part ${unknown.join(", ")}: parts are ${Object.keys(parts).join(", ")}; none named means all`);
  process.exit(2);
}

const [only] = asked;
if (asked.length === 1 && only !== undefined && process.send !== undefined) {
  process.send((await parts[only]?.()) ?? []);
  process.disconnect();
} else {
  console.log(
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown"}; each figure the median of its runs, after some that do not count\n`,
  );
  const measures: Measure[] = [];
  for (const name of asked.length === 0 ? Object.keys(parts) : asked) measures.push(...(await inOwnProcess(name)));
  console.log();
  printTable(measures, goals);
  writeResults(measures);
}

/** No part runs on the heap that another one has left. */
async function inOwnProcess(part: string): Promise<readonly Measure[]> {
  const child = fork(fileURLToPath(import.meta.url), [part]);
  const [measures] = (await once(child, "message")) as [readonly Measure[]];
  await once(child, "exit");
  return measures;
}
