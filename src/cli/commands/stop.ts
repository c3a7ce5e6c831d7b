import { existsSync } from "node:fs";
import { engineFolder } from "../../adapters/local/engine-folder.ts";
import { Liveness } from "../../adapters/local/liveness.ts";
import { SqliteStateStore } from "../../adapters/local/sqlite-state-store.ts";
import { SkeinError } from "../../model/error.ts";
import { readRecord } from "../../observe/run-view.ts";
import { requestStop } from "../../record/run.ts";
import { nextCommand, printJson, type CommandContext } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { engineDir } from "../place.ts";
import { findRun } from "../run-name.ts";
import { openForReading } from "../stores.ts";
import { describeRun } from "../../observe/run.ts";

/** Writes the request and tells the process that works on the run; needs no catalogue. */
export async function stopRun(context: CommandContext, name: string, options: { readonly reason?: string }): Promise<ExitCode> {
  const dir = engineDir(context.options, context.environment);
  const { state: path } = engineFolder(dir);
  const state = existsSync(path) ? new SqliteStateStore({ path }) : undefined;
  const id = await findRun(state, name);
  if (state === undefined) return exitCode.good;
  const run = await readRecord({ state }, id);
  if (run.ended !== undefined) throw new SkeinError("run_has_ended", `Run ${id} cannot be stopped: it has ended (${run.ended.status}).`);
  await requestStop(state, run, options.reason ?? "skein stop", Date.now());
  await state.close();
  const isHeard = await poke(dir, run.id);
  if (context.isJson) await printRun(context, dir, id);
  else context.terminal.line(`Run ${id} was asked to stop. ${whatFollows(context, id, isHeard)}`);
  return exitCode.good;
}

async function poke(dir: string, run: Parameters<Liveness["probe"]>[0]): Promise<boolean> {
  const liveness = new Liveness(dir);
  const isHeard = await liveness.poke({ v: 1, run, reason: "stop" });
  await liveness.close();
  return isHeard;
}

async function printRun(context: CommandContext, dir: string, id: string): Promise<void> {
  const stores = await openForReading(dir);
  if (stores === undefined) return;
  printJson(context, { run: await describeRun(stores, id, Date.now()) });
  await stores.close();
}

function whatFollows(context: CommandContext, id: string, isHeard: boolean): string {
  if (isHeard) return `${nextCommand(context, `show ${id}`)} tells when it has.`;
  return `No process works on it any more: it ends when ${nextCommand(context, `resume ${id}`)} goes on with it.`;
}
