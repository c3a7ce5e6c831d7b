import { nextCommand, printJson, type CommandContext } from "../context.ts";
import { openEngine } from "../engine-door.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { findRun } from "../run-name.ts";
import { SkeinError } from "../../model/error.ts";
import { describeRun } from "../../observe/run.ts";
import { readRecord } from "../../observe/run-view.ts";

export async function stopRun(context: CommandContext, name: string, options: { readonly reason?: string }): Promise<ExitCode> {
  const engine = await openEngine(context);
  try {
    const id = await findRun(engine.state, name);
    const { ended } = await readRecord(engine, id);
    if (ended !== undefined) throw new SkeinError("run_has_ended", `Run ${id} cannot be stopped: it has ended (${ended.status}).`);
    await engine.stop(id, options.reason);
    const run = await describeRun(engine, id, Date.now());
    if (context.isJson) printJson(context, { run });
    else context.terminal.line(`Run ${id} was asked to stop. ${nextCommand(context, `show ${id}`)} shows when it has.`);
    return exitCode.good;
  } finally {
    await engine.close();
  }
}
