import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { deployHere } from "../infra/emulator/deploy-here.ts";
import { becomeClient, readEmulatorEnvironment, type EmulatorEnvironment } from "../infra/emulator/environment.ts";
import { findEmulator, type Emulator } from "../infra/emulator/ladder.ts";
import { formatSpan } from "../src/cli/amounts.ts";
import type { CommandContext } from "../src/cli/context.ts";
import { readEnvironment } from "../src/cli/env.ts";
import { exitCode, type ExitCode } from "../src/cli/exit-code.ts";
import { followRun } from "../src/cli/follow.ts";
import { Interrupts } from "../src/cli/interrupts.ts";
import { reportProblem } from "../src/cli/problem.ts";
import { apiAddress } from "../src/cli/remote/api-address.ts";
import { RemoteDesk } from "../src/cli/remote/remote-desk.ts";
import { signedSend } from "../src/cli/remote/signed-send.ts";
import { printOutputs, reportRun } from "../src/cli/report.ts";
import { openTerminal, type Terminal } from "../src/cli/terminal.ts";
import { ApiClient } from "../src/client/api-client.ts";
import { DeployedApi } from "../src/client/deployed-api.ts";
import type { RunResource } from "../src/observe/resources.ts";
import { DelayStatistics } from "./pipelines/delay-statistics.ts";
import { flightSummary } from "./pipelines/flight-summary.ts";

const Values = z.object({ statistics: DelayStatistics });
const Artifact = z.object({ link: z.object({ url: z.url() }) });

/** `npm run demo:aws`: deploys into an emulator, starts a run there over HTTP, watches it, and shows what came out. */
async function demo(terminal: Terminal): Promise<ExitCode> {
  const environment = readEmulatorEnvironment();
  const emulator = await findEmulator(environment, terminal.line);
  becomeClient(emulator.endpoint, environment.region);
  const options = { url: await deployed(emulator, environment, terminal), color: true };
  const { url, region } = apiAddress(options, readEnvironment());
  const client = new ApiClient({ url, send: await signedSend(url, region) });
  const desk = new RemoteDesk(new DeployedApi(client), options);
  const context: CommandContext = { options, desk, terminal, isJson: false };
  const interrupts = new Interrupts(terminal);
  const { run } = await desk.start("flight_delays", {}, { tags: ["demo"] });
  terminal.line(`\nrun ${run.id} (${run.pipeline})`);
  await followRun(context, run, true, interrupts);
  const { run: ended, values } = await run.report();
  if (ended.status !== "completed") return reportRun(context, run);
  const page = await savedReport(ended, client, emulator);
  terminal.line(`\n${flightSummary(Values.parse(values).statistics)}`);
  printOutputs(context, ended, {});
  terminal.line(
    `\nThe run took ${formatSpan(ended.startedAt, ended.endedAt, Date.now())}. Its report, for a browser: ${pathToFileURL(page).href}`,
  );
  return exitCode.good;
}

/** The address of the API, as AWS would have it. */
async function deployed({ name, endpoint }: Emulator, { region }: EmulatorEnvironment, { line }: Terminal): Promise<string> {
  const began = Date.now();
  line(`Deploying to ${name} at ${endpoint}: functions, table, bucket, queue and API. This takes a minute.`);
  const { ApiUrl } = await deployHere(region);
  if (ApiUrl === undefined) throw new Error("The stack does not say where its API is.");
  line(`Deployed after ${Math.round((Date.now() - began) / 1_000)} s: ${ApiUrl}`);
  return ApiUrl;
}

/** The page, fetched as anybody may who has its link, in a file that a browser knows for a page by its name. */
async function savedReport({ id, outputs }: RunResource, client: ApiClient, { endpoint }: Emulator): Promise<string> {
  const { report } = outputs;
  if (report === undefined || !("id" in report)) throw new Error(`flight_delays ended without its output report`);
  const { link } = Artifact.parse((await client.ask("showArtifact", { path: { id: report.id } })).resource);
  // The functions may reach the emulator by another address.
  const { pathname, search } = new URL(link.url);
  const response = await fetch(new URL(pathname + search, endpoint));
  if (!response.ok) throw new Error(`The report's link was answered with ${response.status}: ${await response.text()}`);
  const page = join(tmpdir(), `${id}.html`);
  await writeFile(page, await response.text());
  return page;
}

const terminal = openTerminal({ color: true, isCi: readEnvironment().isCi });
try {
  process.exitCode = await demo(terminal);
} catch (error) {
  reportProblem(error, terminal, false);
  process.exitCode = exitCode.wrong;
}
