import { nextCommand, printJson, type CommandContext } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { paramsSummary } from "../params-summary.ts";
import { table } from "../table.ts";

export async function listPipelines(context: CommandContext): Promise<ExitCode> {
  const { desk, terminal } = context;
  const pipelines = await desk.listPipelines();
  if (context.isJson) printJson(context, { pipelines });
  else if (pipelines.length === 0)
    terminal.line(
      `${desk.catalogueName()} defines no pipeline: make one with pipeline({ name: "…" }, …) in it, or import the files that do.`,
    );
  else {
    const place = desk.hasSources ? [{ title: "defined at" }] : [];
    const columns = [{ title: "pipeline" }, { title: "mode" }, { title: "params" }, ...place];
    terminal.line(
      table(
        columns,
        pipelines.map((one) => [one.name, one.mode, paramsSummary(one), ...(desk.hasSources ? [one.definedAt] : [])]),
        terminal.width,
      ),
    );
    terminal.line(`\nStart one with ${nextCommand(context, `run ${pipelines[0]?.name}`)}`);
  }
  return exitCode.good;
}
