import type { CommandContext } from "../context.ts";
import { nextCommand, printJson } from "../context.ts";
import { formatAge, formatCount, formatCounts, formatSpan } from "../amounts.ts";
import { errorText } from "../error-text.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { findInterrupted, interruptedNote } from "../interrupted.ts";
import { engineDir } from "../place.ts";
import { printFailures, printOutputs } from "../report.ts";
import { findRun } from "../run-name.ts";
import { stepTable } from "../step-table.ts";
import { openForReading } from "../stores.ts";
import { styleStatus } from "../terminal.ts";
import { describeDetail } from "../../observe/detail.ts";
import { describeFailures } from "../../observe/failures.ts";
import type { RunResource } from "../../observe/resources.ts";

export interface ShowOptions {
  readonly items?: boolean;
  readonly all?: boolean;
}

/** Steps that are listed without `--all`. */
const maxSteps = 100;

export async function showRun(context: CommandContext, name: string, options: ShowOptions): Promise<ExitCode> {
  const dir = engineDir(context.options, context.environment);
  const stores = await openForReading(dir);
  const id = await findRun(stores?.state, name);
  if (stores === undefined) return exitCode.good;
  const now = Date.now();
  const detail = await describeDetail(stores, id, now, { items: context.isJson || options.items === true });
  if (context.isJson) printJson(context, detail);
  else {
    const { terminal } = context;
    printRun(context, detail.run, now);
    if ((await findInterrupted(dir, [detail.run])).size > 0) terminal.line(`${terminal.style("yellow", interruptedNote(context, id))}\n`);
    const { text, hidden } = stepTable(terminal, detail, now, options.all === true ? Infinity : maxSteps);
    terminal.line(text);
    if (hidden > 0) terminal.line(`… ${formatCount(hidden)} more: ${nextCommand(context, `show ${id} --all`)}`);
    printOutputs(context, detail.run, {});
    printFailures(context, detail.run, await describeFailures(stores, id, now, 5));
  }
  await stores.close();
  return exitCode.good;
}

function printRun({ terminal }: CommandContext, run: RunResource, now: number): void {
  const took =
    run.startedAt === undefined ? "" : ` ${run.endedAt === undefined ? "for" : "in"} ${formatSpan(run.startedAt, run.endedAt, now)}`;
  terminal.line(`${terminal.style("bold", run.id)}  ${run.pipeline} (${run.mode})  ${styleStatus(terminal, run.status)}${took}`);
  const facts = [
    ["created", `${run.createdAt} (${formatAge(now - Date.parse(run.createdAt))})`],
    ["params", JSON.stringify(run.params)],
    ["steps", formatCounts(run.steps)],
    ["turns", `${formatCount(run.turns)}, with ${formatCount(run.journalEntries)} journal entries`],
    ...(run.tags.length === 0 ? [] : [["tags", run.tags.join(" ")]]),
    ...(run.error === undefined ? [] : [["error", errorText(run.error)]]),
  ];
  for (const [label, fact] of facts) terminal.line(`  ${terminal.style("dim", (label ?? "").padEnd(8))} ${fact}`);
  terminal.line();
}
