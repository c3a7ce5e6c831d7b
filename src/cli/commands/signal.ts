import { nextCommand, printJson, type CommandContext } from "../context.ts";
import type { InboxAnswer } from "../desk.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { readJson } from "../json-option.ts";

export interface SignalOptions {
  readonly value?: string;
  readonly valueFile?: string;
  readonly id?: string;
}

export async function signalRun(context: CommandContext, run: string, name: string, options: SignalOptions): Promise<ExitCode> {
  const { desk, terminal } = context;
  const value = readValue(options);
  const told = await desk.signal(await desk.findRun(run), { name, value, id: options.id });
  if (context.isJson) printJson(context, { run: told.run });
  else terminal.line(`Run ${told.run.id} was sent the signal "${name}". ${whatFollows(context, told)}`);
  return exitCode.good;
}

function readValue({ value, valueFile }: SignalOptions): unknown {
  return readJson({
    name: "--value",
    text: value,
    file: valueFile,
    refusal: (source, why) => `The value in ${source} is no JSON: ${why}. Write it like '{"amount": 7}', and text in its quotes: '"yes"'.`,
  });
}

function whatFollows(context: CommandContext, { run: { id, status, endedAt }, isHeard }: InboxAnswer): string {
  if (endedAt !== undefined) return `It has ended (${status}).`;
  if (isHeard) return `${nextCommand(context, `show ${id}`)} tells what it does now.`;
  return `No process works on it any more: it hears that when ${nextCommand(context, `resume ${id}`)} goes on with it.`;
}
