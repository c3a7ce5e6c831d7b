import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { formatSpan } from "../src/cli/amounts.ts";
import type { CommandContext } from "../src/cli/context.ts";
import { readEnvironment } from "../src/cli/env.ts";
import { exitCode, type ExitCode } from "../src/cli/exit-code.ts";
import { followRun } from "../src/cli/follow.ts";
import { Interrupts } from "../src/cli/interrupts.ts";
import { openEngine, type LocalOptions } from "../src/cli/local/engine-door.ts";
import { LocalDesk } from "../src/cli/local/local-desk.ts";
import { LocalRun } from "../src/cli/local/local-run.ts";
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
async function demo(context: CommandContext, given: LocalOptions): Promise<ExitCode> {
  const engine = await openEngine(given);
  const interrupts = new Interrupts(context.terminal);
  try {
    const started = await engine.start("flight_delays", {}, { tags: ["demo"] });
    const run = new LocalRun(engine, started.run, given.options);
    context.terminal.line(`run ${run.id} (${run.pipeline})`);
    await followRun(context, run, true, interrupts);
    const record = await engine.ended(run.id);
    if (record.ended?.status !== "completed") return await reportRun(context, run);
    await showResults(context, engine, { record, dir: engineDir(given.options, given.environment) });
    return exitCode.good;
  } finally {
    await engine.close();
  }
}

interface EndedRun {
  readonly record: RunRecord;
  /** Where the engine keeps everything. */
  readonly dir: string;
}

/** The numbers as text, where the artifacts are, and the report as a file that a browser knows for a page by its name. */
async function showResults(context: CommandContext, engine: Engine, { record, dir }: EndedRun): Promise<void> {
  const { terminal } = context;
  const now = Date.now();
  const run = await describeRecord(engine, record, now);
  const statistics = DelayStatistics.parse(await output(engine, record, "statistics"));
  const page = join(dir, "flight_delays.html");
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
  const given = { options: { catalogue, color: true }, environment };
  const desk = new LocalDesk(given);
  process.exitCode = await demo({ options: given.options, desk, terminal, isJson: false }, given);
  await desk.close();
} catch (error) {
  reportProblem(error, terminal, false);
  process.exitCode = exitCode.wrong;
}
