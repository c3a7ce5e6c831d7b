import { setTimeout as pause } from "node:timers/promises";
import type { CommandContext } from "../context.ts";
import { interruptedNote, printJson } from "../context.ts";
import { formatTimeOfDay } from "../amounts.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import type { Style, Terminal } from "../terminal.ts";
import type { LogPage, LogQuery } from "../../observe/logs.ts";
import type { LogLine } from "../../observe/resources.ts";
import { SkeinError } from "../../model/error.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly step?: string;
  readonly attempt?: number;
}

export async function printLogs(context: CommandContext, name: string, options: LogsOptions): Promise<ExitCode> {
  const query = {
    ...(options.step === undefined ? {} : { step: options.step }),
    ...(options.attempt === undefined ? {} : { attempt: options.attempt }),
  };
  const printer = new LogPrinter(context, await context.desk.findRun(name), query);
  if (options.follow === true) await follow(context, printer);
  else await printer.print(false);
  if (printer.count === 0 && !context.isJson) context.terminal.note("Nothing was logged.");
  return exitCode.good;
}

/** Until the run has ended, or nothing works on it any more. */
async function follow({ desk, options, terminal }: CommandContext, printer: LogPrinter): Promise<void> {
  const { lateMs, pauseMs } = desk.logs;
  for (let end: number | undefined; ;) {
    const began = Date.now();
    // Asked before the lines are read: what a run says comes before its end. Its own clock may be ahead of this one.
    const endedAt = end ?? (await desk.endedAt(printer.run));
    if (endedAt !== undefined) end = Math.min(endedAt, began);
    const isDead = end === undefined && (await desk.findInterrupted([{ id: printer.run }])).size > 0;
    await printer.print(end === undefined);
    if (isDead) terminal.note(interruptedNote({ options }, printer.run));
    if (isDead || (end !== undefined && began - end >= lateMs)) return;
    await pause(pauseMs(Date.now() - began));
  }
}

class LogPrinter {
  readonly run: string;
  count = 0;
  readonly #context: CommandContext;
  readonly #query: LogQuery;
  #cursor: string | undefined;

  constructor(context: CommandContext, run: string, query: LogQuery) {
    this.#context = context;
    this.run = run;
    this.#query = query;
  }

  /** What came since the last time; `isEarly`: the step that is asked for may be called yet. */
  async print(isEarly: boolean): Promise<void> {
    const page = await this.#read(isEarly);
    if (page === undefined) return;
    for (const line of page.lines) {
      if (this.#context.isJson) printJson(this.#context, line);
      else printLine(this.#context.terminal, line);
    }
    this.count += page.lines.length;
    this.#cursor = page.cursor;
  }

  async #read(isEarly: boolean): Promise<LogPage | undefined> {
    const cursor = this.#cursor === undefined ? {} : { cursor: this.#cursor };
    try {
      return await this.#context.desk.readLogs(this.run, { ...this.#query, ...cursor });
    } catch (error) {
      if (isEarly && error instanceof SkeinError && error.code === "unknown_step") return undefined;
      throw error;
    }
  }
}

const levelStyles: Readonly<Record<LogLine["level"], Style>> = { debug: "dim", info: "blue", warn: "yellow", error: "red" };

function printLine(terminal: Terminal, line: LogLine): void {
  const attempt = line.attempt === undefined || line.attempt === 1 ? "" : `#${line.attempt}`;
  const source = terminal.style("cyan", `${line.step ?? "pipeline"}${attempt}`);
  const fields = line.fields === undefined ? "" : ` ${terminal.style("dim", JSON.stringify(line.fields))}`;
  terminal.line(
    `${terminal.style("dim", formatTimeOfDay(line.at))} ${terminal.style(levelStyles[line.level], line.level.padEnd(5))} ${source} ${line.message}${fields}`,
  );
}
