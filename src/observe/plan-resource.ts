import type { PipelineDefinition, StepDefinition } from "../define/definition.ts";
import type { StepCalled, StepMapped } from "../model/event.ts";
import { formatPath } from "../model/input.ts";
import { jsonView } from "./json-view.ts";

/** What a pipeline would do: everything of a static one; of a dynamic one what is known before it runs. */
export interface Plan {
  readonly pipeline: PipelineDefinition;
  /** As the schema left them. */
  readonly params: unknown;
  /** The calls of a static pipeline, each after those that it depends on. */
  readonly calls?: readonly (StepCalled | StepMapped)[];
}

/** `skein plan --json` and `POST /pipelines/{name}/plan`. */
export interface PlanResource {
  readonly pipeline: string;
  readonly mode: "dynamic" | "static";
  readonly onFailure: string;
  readonly params: unknown;
  /** Of a static pipeline: its step runs and maps. Those of one level depend on earlier levels only and may run at once. */
  readonly nodes?: readonly PlanNode[];
  readonly edges?: readonly PlanEdge[];
  /** Of a dynamic pipeline: the steps of the catalogue, any of which it may call. */
  readonly steps?: readonly PlanStep[];
}

export interface PlanNode {
  readonly id: string;
  readonly step: string;
  readonly kind: "step" | "map";
  readonly runtime: "inline" | "isolated";
  readonly level: number;
}

export interface PlanEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "data" | "order";
  readonly output?: string;
  readonly path?: string;
}

export interface PlanStep {
  readonly name: string;
  readonly runtime: "inline" | "isolated";
  readonly definedAt: string;
}

export function planResource(plan: Plan, steps: readonly StepDefinition[]): PlanResource {
  const { pipeline, params, calls } = plan;
  const head = { pipeline: pipeline.name, mode: pipeline.mode, onFailure: pipeline.onFailure, params: jsonView(params) };
  if (calls === undefined) return { ...head, steps: steps.map(({ name, runtime, definedAt }) => ({ name, runtime, definedAt })) };
  const levels = levelsOf(calls);
  const nodes = calls.map(({ id, step, t, runtime }) => ({
    id,
    step,
    kind: t === "mapped" ? ("map" as const) : ("step" as const),
    runtime,
    level: levels.get(id) ?? 0,
  }));
  return { ...head, nodes, edges: calls.flatMap(edgesOf) };
}

function levelsOf(calls: readonly (StepCalled | StepMapped)[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  for (const call of calls) levels.set(call.id, Math.max(0, ...edgesOf(call).map((edge) => (levels.get(edge.from) ?? 0) + 1)));
  return levels;
}

function edgesOf({ id, input, after }: StepCalled | StepMapped): readonly PlanEdge[] {
  return [
    ...input.edges.map((edge) => ({ from: edge.from, to: id, kind: "data" as const, output: edge.output, path: formatPath(edge.path) })),
    ...(after ?? []).map((from) => ({ from, to: id, kind: "order" as const })),
  ];
}
