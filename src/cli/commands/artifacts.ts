import type { CommandContext } from "../context.ts";
import { printJson } from "../context.ts";
import { formatBytes, formatCount, formatPlace } from "../amounts.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { table } from "../table.ts";
import type { ArtifactResource } from "../../observe/resources.ts";

/** The versions of a named artifact, in all runs. */
export async function listVersions(context: CommandContext, name: string): Promise<ExitCode> {
  const versions = await context.desk.listVersions(name);
  if (context.isJson) printJson(context, { versions });
  else if (versions.length === 0)
    context.terminal.line(`No run here has stored an artifact named ${name}: name one with artifact(schema, { name: "${name}" }).`);
  else {
    const columns = [
      { title: "version", align: "right" as const },
      { title: "created" },
      { title: "run" },
      { title: "step" },
      { title: "type" },
      { title: "size", align: "right" as const },
      { title: "where" },
    ];
    const rows = versions.map(({ version, createdAt, artifact }) => [
      String(version),
      createdAt,
      artifact.producedBy.run,
      artifact.producedBy.step,
      artifact.mediaType,
      formatBytes(artifact.bytes),
      formatPlace(artifact.uri),
    ]);
    context.terminal.line(table(columns, rows));
  }
  return exitCode.good;
}

/** All artifacts of a run: those of steps and the lists of maps, and with `items` those of the items of maps. */
export async function listArtifacts(context: CommandContext, name: string, options: { readonly items?: boolean }): Promise<ExitCode> {
  const { desk } = context;
  const { steps, maps } = await desk.describe(await desk.findRun(name), { items: context.isJson || options.items === true });
  const artifacts = [...maps, ...steps].toSorted((a, b) => a.order - b.order).flatMap((step) => Object.values(step.outputs));
  if (context.isJson) printJson(context, { artifacts });
  else printArtifacts(context, artifacts);
  return exitCode.good;
}

function printArtifacts({ terminal }: CommandContext, artifacts: readonly ArtifactResource[]): void {
  if (artifacts.length === 0) {
    terminal.line("The run has stored nothing yet.");
    return;
  }
  const columns = [
    { title: "step" },
    { title: "output" },
    { title: "type" },
    { title: "items", align: "right" as const },
    { title: "size", align: "right" as const },
    { title: "where" },
  ];
  terminal.line(table(columns, artifacts.map(row)));
}

function row(artifact: ArtifactResource): readonly string[] {
  const items = artifact.itemCount === undefined ? "" : formatCount(artifact.itemCount);
  return [artifact.producedBy.step, artifact.output, artifact.mediaType, items, formatBytes(artifact.bytes), formatPlace(artifact.uri)];
}
