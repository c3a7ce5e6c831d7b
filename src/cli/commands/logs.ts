import { setTimeout as pause } from "node:timers/promises";
import type { CommandContext } from "../context.ts";
import { printJson } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { engineDir } from "../place.ts";
import { findRun } from "../run-name.ts";
import { openForReading, type ReadStores } from "../stores.ts";
import type { Style, Terminal } from "../terminal.ts";
import { readLogs, type LogQuery } from "../../observe/logs.ts";
import type { LogLine } from "../../observe/resources.ts";
import type { RunId } from "../../model/id.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly step?: string;
  readonly attempt?: number;
}

/** How often a followed run's logs are read. */
const everyMs = 150;

export async function printLogs(context: CommandContext, name: string, options: LogsOptions): Promise<ExitCode> {
  const stores = await openForReading(engineDir(context.options, context.environment));
  const run = await findRun(stores?.state, name);
  if (stores === undefined) return exitCode.good;
  const query = {
    ...(options.step === undefined ? {} : { step: options.step }),
    ...(options.attempt === undefined ? {} : { attempt: options.attempt }),
  };
  const count = await printUntilEnd(context, stores, { run, query, follow: options.follow === true });
  if (count === 0 && !context.isJson) context.terminal.note("Nothing was logged.");
  await stores.close();
  return exitCode.good;
}

async function printUntilEnd(
  context: CommandContext,
  stores: ReadStores,
  { run, query, follow }: { readonly run: RunId; readonly query: LogQuery; readonly follow: boolean },
): Promise<number> {
  let cursor: string | undefined;
  let count = 0;
  for (;;) {
    // Asked before the lines are read: what a run says comes before its end.
    const hasEnded = !follow || (await stores.state.readRun(run))?.ended !== undefined;
    const page = await readLogs(stores, run, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const line of page.lines) {
      if (context.isJson) printJson(context, line);
      else printLine(context.terminal, line);
    }
    count += page.lines.length;
    cursor = page.cursor;
    if (hasEnded) return count;
    await pause(everyMs);
  }
}

const levelStyles: Readonly<Record<LogLine["level"], Style>> = { debug: "dim", info: "blue", warn: "yellow", error: "red" };

function printLine(terminal: Terminal, line: LogLine): void {
  const attempt = line.attempt === undefined || line.attempt === 1 ? "" : `#${line.attempt}`;
  const source = terminal.style("cyan", `${line.step ?? "pipeline"}${attempt}`);
  const fields = line.fields === undefined ? "" : ` ${terminal.style("dim", JSON.stringify(line.fields))}`;
  terminal.line(
    `${terminal.style("dim", localTime(line.at))} ${terminal.style(levelStyles[line.level], line.level.padEnd(5))} ${source} ${line.message}${fields}`,
  );
}

function localTime(at: string): string {
  const time = new Date(at);
  return `${time.toLocaleTimeString("en-GB")}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
