import type { ArtifactRef } from "../model/artifact.ts";
import { outputsOf } from "../model/outcome.ts";
import type { OutputNode, RunArtifacts, RunOutputs } from "../model/run.ts";
import type { Graph } from "./graph.ts";

/** The artifacts behind the pointers; those of step runs that did not complete are left out. */
export function artifactsOf(outputs: RunOutputs, graph: Graph): RunArtifacts {
  switch (outputs.kind) {
    case "none":
      return {};
    case "one":
      return named(outputs.value, graph);
    case "list":
      return { output: outputs.values.flatMap((node) => Object.values(named(node, graph))) };
    case "record":
      return Object.fromEntries(Object.entries(outputs.values).flatMap(([name, part]) => recordEntry(name, part, graph)));
  }
}

function recordEntry(
  name: string,
  part: OutputNode | readonly OutputNode[],
  graph: Graph,
): [string, ArtifactRef | readonly ArtifactRef[]][] {
  if (isList(part)) return [[name, part.flatMap((node) => Object.values(named(node, graph)))]];
  const found = Object.entries(named(part, graph));
  return "outputs" in part ? found.map(([output, ref]) => [`${name}.${output}`, ref]) : found.map(([, ref]) => [name, ref]);
}

function isList(part: OutputNode | readonly OutputNode[]): part is readonly OutputNode[] {
  return Array.isArray(part);
}

function named(node: OutputNode, graph: Graph): Readonly<Record<string, ArtifactRef>> {
  const outcome = graph.find(node.from)?.delivered;
  if ("outputs" in node) return outputsOf(outcome) ?? {};
  const ref = outputsOf(outcome, node.partial)?.[node.output];
  if (ref === undefined) return {};
  return { output: node.item === undefined ? ref : { ...ref, id: `${ref.id}[${node.item}]` } };
}
