import { loadCatalogue } from "../../adapters/local/catalogue-loader.ts";
import { pipelines } from "../../define/catalogue.ts";
import { nextCommand, printJson, type CommandContext } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { paramsSummary, pipelineResource } from "../pipeline-resource.ts";
import { catalogueFile } from "../place.ts";
import { table } from "../table.ts";

export async function listPipelines(context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const file = catalogueFile(context.options, context.environment);
  await loadCatalogue(file);
  const resources = pipelines().map(pipelineResource);
  if (context.isJson) printJson(context, { pipelines: resources });
  else if (resources.length === 0)
    terminal.line(`${file} defines no pipeline: make one with pipeline({ name: "…" }, …) in it, or import the files that do.`);
  else {
    const columns = [{ title: "pipeline" }, { title: "mode" }, { title: "params" }, { title: "defined at" }];
    terminal.line(
      table(
        columns,
        resources.map((one) => [one.name, one.mode, paramsSummary(one), one.definedAt]),
        terminal.width,
      ),
    );
    terminal.line(`\nStart one with ${nextCommand(context, `run ${resources[0]?.name}`)}`);
  }
  return exitCode.good;
}
