import { nextCommand, printJson, type CommandContext } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";

export async function stopRun(context: CommandContext, name: string, options: { readonly reason?: string }): Promise<ExitCode> {
  const { desk } = context;
  const { run, isHeard } = await desk.stop(await desk.findRun(name), options.reason ?? "skein stop");
  if (context.isJson) printJson(context, { run });
  else context.terminal.line(`Run ${run.id} was asked to stop. ${whatFollows(context, run.id, isHeard)}`);
  return exitCode.good;
}

function whatFollows(context: CommandContext, id: string, isHeard: boolean): string {
  if (isHeard) return `${nextCommand(context, `show ${id}`)} tells when it has.`;
  return `No process works on it any more: it ends when ${nextCommand(context, `resume ${id}`)} goes on with it.`;
}
