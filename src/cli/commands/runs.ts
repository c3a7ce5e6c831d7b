import type { CommandContext } from "../context.ts";
import { nextCommand, printJson } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { formatAge, formatCount, formatSpan } from "../amounts.ts";
import { engineDir } from "../place.ts";
import { openForReading } from "../stores.ts";
import { styleStatus } from "../terminal.ts";
import { table } from "../table.ts";
import type { RunPage, RunResource } from "../../observe/resources.ts";
import { listRuns, type RunListQuery } from "../../observe/run-list.ts";
import { totalOf } from "../../observe/status-counts.ts";

export async function showRuns(context: CommandContext, options: RunListQuery): Promise<ExitCode> {
  const { pipeline, status, limit, cursor } = options;
  const query = {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(status === undefined ? {} : { status }),
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const now = Date.now();
  const stores = await openForReading(engineDir(context.options, context.environment));
  const page: RunPage = stores === undefined ? { runs: [] } : await listRuns(stores, query, now);
  await stores?.close();
  if (context.isJson) printJson(context, page);
  else printPage(context, page, now, pipeline !== undefined || status !== undefined);
  return exitCode.good;
}

function printPage(context: CommandContext, page: RunPage, now: number, isFiltered: boolean): void {
  const { terminal } = context;
  if (page.runs.length > 0) {
    const columns = [
      { title: "run" },
      { title: "pipeline" },
      { title: "status" },
      { title: "steps", align: "right" as const },
      { title: "created" },
      { title: "took", align: "right" as const },
      { title: "tags" },
    ];
    terminal.line(
      table(
        columns,
        page.runs.map((run) => row(context, run, now)),
        terminal.width,
      ),
    );
  } else if (isFiltered) terminal.line(`No such runs. ${nextCommand(context, "runs")} lists all.`);
  else terminal.line(`No runs yet. Start one with ${nextCommand(context, "run <pipeline>")}`);
  if (page.cursor !== undefined) terminal.line(`\nMore: ${nextCommand(context, `runs --cursor ${page.cursor}`)}`);
}

function row({ terminal }: CommandContext, run: RunResource, now: number): readonly string[] {
  const [ended, all] = [totalOf(run.steps, "ended"), totalOf(run.steps)];
  return [
    run.id,
    run.pipeline,
    styleStatus(terminal, run.status),
    ended === all ? formatCount(all) : `${formatCount(ended)}/${formatCount(all)}`,
    formatAge(now - Date.parse(run.createdAt)),
    formatSpan(run.startedAt, run.endedAt, now),
    run.tags.join(" "),
  ];
}
