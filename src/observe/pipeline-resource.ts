import type { PipelineDefinition } from "../define/definition.ts";
import { jsonSchemaOf } from "../define/json-schema.ts";

/** `skein pipelines --json` and `GET /pipelines/{name}`. */
export interface PipelineResource {
  readonly name: string;
  readonly mode: "dynamic" | "static";
  readonly onFailure: string;
  /** JSON Schema of the parameters, where the schema's library can tell it; `null`: the pipeline takes none. */
  readonly params?: Readonly<Record<string, unknown>> | null;
  readonly definedAt: string;
}

export function pipelineResource(pipeline: PipelineDefinition): PipelineResource {
  const params = pipeline.params === undefined ? null : jsonSchemaOf(pipeline.params);
  return {
    name: pipeline.name,
    mode: pipeline.mode,
    onFailure: pipeline.onFailure,
    ...(params === undefined ? {} : { params }),
    definedAt: pipeline.definedAt,
  };
}
