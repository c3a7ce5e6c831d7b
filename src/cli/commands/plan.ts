import { printJson, type CommandContext } from "../context.ts";
import { exitCode, type ExitCode } from "../exit-code.ts";
import { readParams, type ParamsOptions } from "../params.ts";
import { table } from "../table.ts";
import type { PlanEdge, PlanNode, PlanResource } from "../../observe/plan-resource.ts";

export async function showPlan(context: CommandContext, pipeline: string, options: ParamsOptions): Promise<ExitCode> {
  const resource = await context.desk.plan(pipeline, readParams(options));
  if (context.isJson) printJson(context, resource);
  else printPlan(context, resource);
  return exitCode.good;
}

function printPlan({ desk, terminal }: CommandContext, plan: PlanResource): void {
  const { nodes, edges = [], steps: known = [] } = plan;
  terminal.line(`${terminal.style("bold", plan.pipeline)} (${plan.mode}, ${plan.onFailure})`);
  terminal.line(`params ${JSON.stringify(plan.params)}\n`);
  if (nodes !== undefined) {
    const columns = [
      { title: "level", align: "right" as const },
      { title: "step run" },
      { title: "step" },
      { title: "runtime" },
      { title: "inputs" },
    ];
    terminal.line(
      table(
        columns,
        nodes.toSorted((a, b) => a.level - b.level).map((node) => nodeRow(node, edges)),
        terminal.width,
      ),
    );
    terminal.line(
      `\n${nodes.length} step runs on ${1 + Math.max(-1, ...nodes.map((node) => node.level))} levels; those of one level may run at once.`,
    );
  } else {
    terminal.line(
      table(
        [{ title: "step" }, { title: "runtime" }, ...(desk.hasSources ? [{ title: "defined at" }] : [])],
        known.map((step) => [step.name, step.runtime, ...(desk.hasSources ? [step.definedAt] : [])]),
        terminal.width,
      ),
    );
    terminal.line("\nA dynamic pipeline decides while it runs which of these steps it calls, and how often.");
  }
}

function nodeRow(node: PlanNode, edges: readonly PlanEdge[]): readonly string[] {
  const inputs = edges
    .filter((edge) => edge.to === node.id)
    .map((edge) =>
      edge.kind === "order" ? `after ${edge.from}` : `${edge.path} = ${edge.from}${edge.output === "output" ? "" : `.${edge.output}`}`,
    );
  return [String(node.level), node.id, node.kind === "map" ? `${node.step} (map)` : node.step, node.runtime, inputs.join(", ")];
}
