import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { finishRun } from "../src/cli/commands/run.ts";
import type { CommandContext } from "../src/cli/context.ts";
import { openEngine } from "../src/cli/engine-door.ts";
import { readEnvironment } from "../src/cli/env.ts";
import { exitCode, type ExitCode } from "../src/cli/exit-code.ts";
import { engineDir } from "../src/cli/place.ts";
import { openTerminal } from "../src/cli/terminal.ts";
import type { Engine } from "../src/engine/engine.ts";
import { loadArtifact } from "../src/execute/load-artifact.ts";
import type { RunId } from "../src/model/id.ts";
import { DelayStatistics } from "./pipelines/delay-statistics.ts";
import { flightSummary } from "./pipelines/flight-summary.ts";

/** `npm run demo`: the delays of three million flights, watched as they are counted, and what came out. */
async function demo(context: CommandContext): Promise<ExitCode> {
  const engine = await openEngine(context);
  try {
    const { run } = await engine.start("flight_delays", {}, { tags: ["demo"] });
    const code = await finishRun(context, engine, run, true);
    if (code === exitCode.good) await showResults(context, engine, run.id);
    return code;
  } finally {
    await engine.close();
  }
}

/** The numbers as text, and the report as a file that a browser knows for a page by its name. */
async function showResults({ terminal, options, environment }: CommandContext, engine: Engine, run: RunId): Promise<void> {
  const statistics = DelayStatistics.parse(await output(engine, run, "statistics"));
  const page = join(engineDir(options, environment), "flight_delays.html");
  await writeFile(page, String(await output(engine, run, "report")));
  terminal.line(`\n${flightSummary(statistics)}`);
  terminal.line(`\nThe report, for a browser: ${pathToFileURL(page).href}`);
}

async function output(engine: Engine, run: RunId, name: string): Promise<unknown> {
  const artifact = (await engine.state.readRun(run))?.ended?.outputs[name];
  if (artifact === undefined || !("digest" in artifact)) throw new Error(`flight_delays ended without its output ${name}`);
  return loadArtifact(artifact, undefined, { artifacts: engine.artifacts });
}

const environment = readEnvironment();
process.exitCode = await demo({
  options: { catalogue: join(import.meta.dirname, "pipelines", "catalogue.ts"), color: true },
  environment,
  terminal: openTerminal({ color: true, isCi: environment.isCi }),
  isJson: false,
});
