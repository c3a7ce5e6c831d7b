import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { deployHere } from "../infra/emulator/deploy-here.ts";
import { becomeClient, readEmulatorEnvironment } from "../infra/emulator/environment.ts";
import { findEmulator } from "../infra/emulator/ladder.ts";
import { formatSpan } from "../src/cli/amounts.ts";
import type { CommandContext } from "../src/cli/context.ts";
import { readEnvironment } from "../src/cli/env.ts";
import { exitCode, type ExitCode } from "../src/cli/exit-code.ts";
import { followRun } from "../src/cli/follow.ts";
import { reportProblem } from "../src/cli/problem.ts";
import { openRemoteDesk } from "../src/cli/remote/open-remote-desk.ts";
import { printOutputs, reportRun } from "../src/cli/report.ts";
import { openTerminal, type Terminal } from "../src/cli/terminal.ts";
import { DelayStatistics } from "./pipelines/delay-statistics.ts";
import { flightSummary } from "./pipelines/flight-summary.ts";

const Values = z.object({ statistics: DelayStatistics, report: z.string() });

/** `npm run demo:aws`: deploys into an emulator, starts a run there over HTTP, watches it, and shows what came out. */
async function demo(terminal: Terminal): Promise<ExitCode> {
  const url = await deployed(terminal);
  const options = { url, color: true };
  const desk = await openRemoteDesk(options, readEnvironment());
  try {
    const context: CommandContext = { options, desk, terminal, isJson: false };
    const { run } = await desk.start("flight_delays", {}, { tags: ["demo"] });
    terminal.line(`\nrun ${run.id} (${run.pipeline})`);
    await followRun(context, run, true);
    const { run: ended, values } = await run.report();
    if (ended.status !== "completed") return await reportRun(context, run);
    const { statistics, report } = Values.parse(values);
    const page = join(tmpdir(), `${ended.id}.html`);
    await writeFile(page, report);
    terminal.line(`\n${flightSummary(statistics)}`);
    printOutputs(context, ended, {});
    terminal.line(`\nThe run took ${formatSpan(ended.startedAt, ended.endedAt, Date.now())}. Its report, for a browser: ${pathToFileURL(page).href}`);
    return exitCode.good;
  } finally {
    await desk.close();
  }
}

/** The address of the API, deployed to whatever emulator is there. */
async function deployed({ line }: Terminal): Promise<string> {
  const environment = readEmulatorEnvironment();
  const { name, endpoint } = await findEmulator(environment, line);
  becomeClient(endpoint, environment.region);
  const began = Date.now();
  line(`Deploying to ${name} at ${endpoint}: functions, table, bucket, queue and API. This takes a minute.`);
  const { ApiUrl } = await deployHere(environment.region);
  if (ApiUrl === undefined) throw new Error("The stack does not say where its API is.");
  line(`Deployed after ${Math.round((Date.now() - began) / 1_000)} s: ${ApiUrl}`);
  return ApiUrl;
}

const terminal = openTerminal({ color: true, isCi: readEnvironment().isCi });
try {
  process.exitCode = await demo(terminal);
} catch (error) {
  reportProblem(error, terminal, false);
  process.exitCode = exitCode.wrong;
}
