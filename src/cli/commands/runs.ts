import type { CommandContext } from "../context.ts";
import { nextCommand, printJson } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { formatAge, formatCount, formatSpan } from "../amounts.ts";
import { styleStatus, type Terminal } from "../terminal.ts";
import { table, type Column } from "../table.ts";
import type { RunPage, RunResource } from "../../observe/resources.ts";
import type { RunListQuery } from "../../observe/run-list.ts";
import { totalOf } from "../../observe/status-counts.ts";

export async function showRuns(context: CommandContext, options: RunListQuery): Promise<ExitCode> {
  const { pipeline, status, limit, cursor } = options;
  const query = {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(status === undefined ? {} : { status }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const page = await context.desk.listRuns(query);
  if (context.isJson) printJson(context, page);
  else if (page.runs.length > 0) printPage(context, page, await context.desk.findInterrupted(page.runs));
  else if (pipeline !== undefined || status !== undefined)
    context.terminal.line(`No such runs. ${nextCommand(context, "runs")} lists all.`);
  else context.terminal.line(`No runs yet. Start one with ${nextCommand(context, "run <pipeline>")}`);
  return exitCode.good;
}

function printPage(context: CommandContext, page: RunPage, interrupted: ReadonlySet<string>): void {
  const now = Date.now();
  const { terminal } = context;
  const rows = page.runs.map((run) => row(terminal, run, now, interrupted.has(run.id)));
  terminal.line(table(columns, rows, terminal.width));
  const [first] = interrupted;
  if (first !== undefined)
    terminal.line(`\nInterrupted: no process works on it any more. ${nextCommand(context, `resume ${first}`)} goes on with it.`);
  if (page.cursor !== undefined) terminal.line(`\nMore: ${nextCommand(context, `runs --cursor ${page.cursor}`)}`);
}

const columns: readonly Column[] = [
  { title: "run" },
  { title: "pipeline" },
  { title: "status" },
  { title: "steps", align: "right" },
  { title: "created" },
  { title: "took", align: "right" },
  { title: "tags" },
];

function row(terminal: Terminal, run: RunResource, now: number, isInterrupted: boolean): readonly string[] {
  const [ended, all] = [totalOf(run.steps, "ended"), totalOf(run.steps)];
  return [
    run.id,
    run.pipeline,
    isInterrupted ? terminal.style("yellow", "interrupted") : styleStatus(terminal, run.status),
    ended === all ? formatCount(all) : `${formatCount(ended)}/${formatCount(all)}`,
    formatAge(now - Date.parse(run.createdAt)),
    isInterrupted ? "" : formatSpan(run.startedAt, run.endedAt, now),
    run.tags.join(" "),
  ];
}
