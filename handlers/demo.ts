import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatSpan } from "../src/cli/amounts.ts";
import type { CommandContext } from "../src/cli/context.ts";
import { openEngine } from "../src/cli/engine-door.ts";
import { readEnvironment } from "../src/cli/env.ts";
import { exitCode, type ExitCode } from "../src/cli/exit-code.ts";
import { followRun } from "../src/cli/follow.ts";
import { engineDir } from "../src/cli/place.ts";
import { reportProblem } from "../src/cli/problem.ts";
import { printOutputs, reportRun } from "../src/cli/report.ts";
import { openTerminal } from "../src/cli/terminal.ts";
import type { Engine } from "../src/engine/engine.ts";
import { loadArtifact } from "../src/execute/load-artifact.ts";
import type { RunRecord } from "../src/model/run.ts";
import { describeRecord } from "../src/observe/run.ts";
import { DelayStatistics } from "./pipelines/delay-statistics.ts";
import { flightSummary } from "./pipelines/flight-summary.ts";

/** `npm run demo`: the delays of three million flights, watched as they are counted, and what came out. */
async function demo(context: CommandContext): Promise<ExitCode> {
  const engine = await openEngine(context);
  try {
    const { run } = await engine.start("flight_delays", {}, { tags: ["demo"] });
    context.terminal.line(`run ${run.id} (${run.pipeline})`);
    const record = await followRun(context, engine, run, true);
    if (record.ended?.status !== "completed") return await reportRun(context, engine, record);
    await showResults(context, engine, record);
    return exitCode.good;
  } finally {
    await engine.close();
  }
}

/** The numbers as text, where the artifacts are, and the report as a file that a browser knows for a page by its name. */
async function showResults(context: CommandContext, engine: Engine, record: RunRecord): Promise<void> {
  const { terminal, options, environment } = context;
  const now = Date.now();
  const run = await describeRecord(engine, record, now);
  const statistics = DelayStatistics.parse(await output(engine, record, "statistics"));
  const page = join(engineDir(options, environment), "flight_delays.html");
  await writeFile(page, String(await output(engine, record, "report")));
  terminal.line(`\n${flightSummary(statistics)}`);
  printOutputs(context, run, {});
  terminal.line(`\nThe run took ${formatSpan(run.startedAt, run.endedAt, now)}. Its report, for a browser: ${pathToFileURL(page).href}`);
}

async function output(engine: Engine, record: RunRecord, name: string): Promise<unknown> {
  const artifact = record.ended?.outputs[name];
  if (artifact === undefined || !("digest" in artifact)) throw new Error(`flight_delays ended without its output ${name}`);
  return loadArtifact(artifact, undefined, { artifacts: engine.artifacts });
}

const environment = readEnvironment();
const terminal = openTerminal({ color: true, isCi: environment.isCi });
const catalogue = join(import.meta.dirname, "pipelines", "catalogue.ts");
try {
  process.exitCode = await demo({ options: { catalogue, color: true }, environment, terminal, isJson: false });
} catch (error) {
  reportProblem(error, terminal, false);
  process.exitCode = exitCode.wrong;
}
