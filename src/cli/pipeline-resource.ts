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

/** `city: string, degrees: number[], cutoff?: number`. */
export function paramsSummary({ params }: PipelineResource): string {
  if (params === null) return "none";
  const properties = params?.["properties"];
  if (!isRecord(properties)) return "any";
  const required = params?.["required"];
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name);
  return Object.entries(properties)
    .map(([name, schema]) => `${name}${isRequired(name) && !hasDefault(schema) ? "" : "?"}: ${typeName(schema)}`)
    .join(", ");
}

function typeName(schema: unknown): string {
  if (!isRecord(schema)) return "any";
  const { enum: choices, type, items } = schema;
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(" | ");
  if (type === "array") return `${typeName(items)}[]`;
  return typeof type === "string" ? type : "any";
}

function hasDefault(schema: unknown): boolean {
  return isRecord(schema) && "default" in schema;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
