import { formatBytes, formatCounts, formatPlace, formatSpan } from "./amounts.ts";
import { nextCommand, printJson, type CommandContext } from "./context.ts";
import { errorText } from "./error-text.ts";
import { exitCode, type ExitCode } from "./exit-code.ts";
import { firstLine } from "./step-line.ts";
import { table } from "./table.ts";
import { styleStatus } from "./terminal.ts";
import { valueLines } from "./value-lines.ts";
import type { FollowedRun } from "./desk.ts";
import type { ArtifactResource, RunResource, StepRunResource } from "../observe/resources.ts";

/** Failed steps that are shown; the others are counted. */
const maxFailures = 5;

/** How a run ended and what it gave. */
export async function reportRun(context: CommandContext, followed: FollowedRun): Promise<ExitCode> {
  const report = await followed.report();
  const { run, values = {} } = report;
  if (context.isJson) printJson(context, report);
  else {
    printEnd(context, run, Date.now());
    printOutputs(context, run, isRecord(values) ? values : {});
    if (run.status === "failed") printFailures(context, run, await context.desk.listFailures(run.id, maxFailures));
  }
  return run.status === "completed" ? exitCode.good : exitCode.bad;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function printEnd({ terminal }: CommandContext, run: RunResource, now: number): void {
  terminal.line(`${styleStatus(terminal, run.status)} in ${formatSpan(run.startedAt, run.endedAt, now)}: ${formatCounts(run.steps)}`);
  if (run.error !== undefined) terminal.line(errorText(run.error));
}

/** Each output with where it is, and its value where that is short. */
export function printOutputs({ terminal }: CommandContext, run: RunResource, values: Readonly<Record<string, unknown>>): void {
  const outputs = Object.entries(run.outputs);
  if (outputs.length === 0) return;
  terminal.line(`\n${terminal.style("bold", "Outputs")}`);
  const columns = [{ title: "name" }, { title: "type" }, { title: "size", align: "right" as const }, { title: "where" }];
  terminal.line(
    table(
      columns,
      outputs.flatMap(([name, value]) => rowsOf(name, value)),
    ),
  );
  for (const [name, value] of Object.entries(values)) {
    const lines = valueLines(value, terminal.width);
    if (lines.length > 0) terminal.line(`\n${terminal.style("bold", name)}\n${lines.join("\n")}`);
  }
}

function rowsOf(name: string, value: ArtifactResource | readonly ArtifactResource[]): readonly (readonly string[])[] {
  if (isList(value)) return value.flatMap((artifact, i) => rowsOf(`${name}[${i}]`, artifact));
  return [[name, value.mediaType, formatBytes(value.bytes), formatPlace(value.uri)]];
}

function isList(value: ArtifactResource | readonly ArtifactResource[]): value is readonly ArtifactResource[] {
  return Array.isArray(value);
}

/** What failed, why, and where to read more. */
export function printFailures(context: CommandContext, run: RunResource, failures: readonly StepRunResource[]): void {
  const { terminal } = context;
  if (failures.length === 0) return;
  terminal.line(`\n${terminal.style("bold", "Failed steps")}`);
  for (const step of failures) {
    const last = step.attempts.at(-1);
    const tries = step.attempts.length > 1 ? ` after ${step.attempts.length} attempts` : "";
    const why = last?.error === undefined ? "" : `: ${last.error.name}: ${firstLine(last.error.message)}`;
    terminal.line(`  ${terminal.style("red", step.id)}${tries}${why}`);
    terminal.line(`    ${terminal.style("dim", nextCommand(context, `logs ${run.id} --step ${shellWord(step.id)}`))}`);
  }
  const more = (run.steps.failed ?? 0) - failures.length;
  if (more > 0) terminal.line(`  and ${more} more: ${nextCommand(context, `show ${run.id} --items`)}`);
}

function shellWord(id: string): string {
  return id.includes("[") ? `'${id}'` : id;
}
