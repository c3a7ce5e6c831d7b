import { loadCatalogue } from "../../adapters/local/catalogue-loader.ts";
import { localRefusal } from "../../adapters/local/process-refusal.ts";
import { pipelines, steps } from "../../define/catalogue.ts";
import { planRun } from "../../engine/plan-run.ts";
import { pipelineResource, type PipelineResource } from "../../observe/pipeline-resource.ts";
import { planResource, type PlanResource } from "../../observe/plan-resource.ts";

export async function listPipelines(catalogue: string): Promise<readonly PipelineResource[]> {
  await loadCatalogue(catalogue);
  return pipelines().map(pipelineResource);
}

/** Plans on what this machine has. */
export async function plan(catalogue: string, pipeline: string, params: unknown): Promise<PlanResource> {
  await loadCatalogue(catalogue);
  return planResource(await planRun(pipeline, params, { refuses: localRefusal }), steps());
}
