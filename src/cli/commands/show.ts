import type { CommandContext } from "../context.ts";
import { interruptedNote, nextCommand, printJson } from "../context.ts";
import { formatAge, formatCount, formatCounts, formatSpan } from "../amounts.ts";
import { errorText } from "../error-text.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { printFailures, printOutputs } from "../report.ts";
import { stepTable } from "../step-table.ts";
import { styleStatus } from "../terminal.ts";
import type { RunResource } from "../../observe/resources.ts";

export interface ShowOptions {
  readonly items?: boolean;
  readonly all?: boolean;
}

/** Steps that are listed without `--all`. */
const maxSteps = 100;

export async function showRun(context: CommandContext, name: string, options: ShowOptions): Promise<ExitCode> {
  const { desk } = context;
  const id = await desk.findRun(name);
  const detail = await desk.describe(id, { items: context.isJson || options.items === true });
  if (context.isJson) printJson(context, detail);
  else {
    const { terminal } = context;
    const now = Date.now();
    printRun(context, detail.run, now);
    if ((await desk.findInterrupted([detail.run])).size > 0) terminal.line(`${terminal.style("yellow", interruptedNote(context, id))}\n`);
    const { text, hidden } = stepTable(terminal, detail, now, options.all === true ? Infinity : maxSteps);
    terminal.line(text);
    if (hidden > 0) terminal.line(`… ${formatCount(hidden)} more: ${nextCommand(context, `show ${id} --all`)}`);
    printWaits(context, detail.run, now);
    printOutputs(context, detail.run, {});
    printFailures(context, detail.run, await desk.listFailures(id, 5));
  }
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

/** What the run's function waits for, and how to answer it. */
function printWaits(context: CommandContext, { id, waits = [] }: RunResource, now: number): void {
  const { terminal } = context;
  if (waits.length === 0) return;
  terminal.line(`\n${terminal.style("bold", "Waits for")}`);
  for (const { name, question, since, until } of waits) {
    const times = `for ${formatSpan(since, undefined, now)} now${until === undefined ? "" : `, until ${until}`}`;
    terminal.line(`  ${terminal.style("cyan", name ?? "time to pass")}  ${terminal.style("dim", times)}`);
    if (question !== undefined) terminal.line(question.replaceAll(/^/gm, "    "));
    if (name !== undefined) terminal.line(`    ${terminal.style("dim", nextCommand(context, `signal ${id} ${name} --value '…'`))}`);
  }
}
