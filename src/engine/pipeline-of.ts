import { findPipeline } from "../define/catalogue.ts";
import type { PipelineDefinition } from "../define/definition.ts";
import { formatIssues, validate } from "../define/validation.ts";
import { SkeinError } from "../model/error.ts";
import type { RunRecord } from "../model/run.ts";
import { decodeValue } from "../model/value.ts";

/** The definition of a run's pipeline and its parameters as the schema gives them. */
export async function pipelineOf(run: RunRecord): Promise<{ readonly definition: PipelineDefinition; readonly params: unknown }> {
  const definition = findPipeline(run.pipeline);
  return { definition, params: await parseParams(definition, decodeValue(run.params)) };
}

/** @throws SkeinError `invalid_params` with the schema's own issues */
export async function parseParams(definition: PipelineDefinition, params: unknown): Promise<unknown> {
  if (definition.params === undefined) {
    if (params === undefined || isEmptyObject(params)) return {};
    throw new SkeinError("invalid_params", `pipeline ${definition.name} takes no parameters: leave them out`);
  }
  const checked = await validate(definition.params, params === undefined ? {} : params);
  if (checked.ok) return checked.value;
  throw new SkeinError(
    "invalid_params",
    `the parameters of pipeline ${definition.name} are not what it takes: ${formatIssues(checked.issues)}`,
    {
      data: { issues: checked.issues.map(({ path, message }) => ({ path, message })) },
    },
  );
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
