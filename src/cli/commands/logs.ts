import { setTimeout as pause } from "node:timers/promises";
import type { CommandContext } from "../context.ts";
import { printJson } from "../context.ts";
import { formatTimeOfDay } from "../amounts.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { findInterrupted, interruptedNote } from "../interrupted.ts";
import { engineDir } from "../place.ts";
import { findRun } from "../run-name.ts";
import { openForReading, type ReadStores } from "../stores.ts";
import type { Style, Terminal } from "../terminal.ts";
import { readLogs, type LogPage, type LogQuery } from "../../observe/logs.ts";
import type { LogLine } from "../../observe/resources.ts";
import { SkeinError } from "../../model/error.ts";
import type { RunId } from "../../model/id.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly step?: string;
  readonly attempt?: number;
}

/** How often a followed run's logs are read. */
const everyMs = 150;

/** A read takes at most this part of the time, however long the run. */
const maxShare = 0.05;

export async function printLogs(context: CommandContext, name: string, options: LogsOptions): Promise<ExitCode> {
  const dir = engineDir(context.options, context.environment);
  const stores = await openForReading(dir);
  const run = await findRun(stores?.state, name);
  if (stores === undefined) return exitCode.good;
  const query = {
    ...(options.step === undefined ? {} : { step: options.step }),
    ...(options.attempt === undefined ? {} : { attempt: options.attempt }),
  };
  const printer = new LogPrinter(context, stores, run, query);
  if (options.follow === true) await follow(context, printer, dir);
  else await printer.print(false);
  if (printer.count === 0 && !context.isJson) context.terminal.note("Nothing was logged.");
  await stores.close();
  return exitCode.good;
}

/** Until the run has ended, or nothing works on it any more. */
async function follow(context: CommandContext, printer: LogPrinter, dir: string): Promise<void> {
  for (;;) {
    const began = performance.now();
    // Asked before the lines are read: what a run says comes before its end.
    const hasEnded = await printer.hasEnded();
    const isDead = !hasEnded && (await findInterrupted(dir, [{ id: printer.run }])).size > 0;
    await printer.print(!hasEnded);
    if (isDead) context.terminal.note(interruptedNote(context, printer.run));
    if (hasEnded || isDead) return;
    await pause(Math.max(everyMs, (performance.now() - began) / maxShare));
  }
}

class LogPrinter {
  readonly run: RunId;
  count = 0;
  readonly #context: CommandContext;
  readonly #stores: ReadStores;
  readonly #query: LogQuery;
  #cursor: string | undefined;

  constructor(context: CommandContext, stores: ReadStores, run: RunId, query: LogQuery) {
    this.#context = context;
    this.#stores = stores;
    this.run = run;
    this.#query = query;
  }

  async hasEnded(): Promise<boolean> {
    return (await this.#stores.state.readRun(this.run))?.ended !== undefined;
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
    try {
      return await readLogs(this.#stores, this.run, { ...this.#query, ...(this.#cursor === undefined ? {} : { cursor: this.#cursor }) });
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
