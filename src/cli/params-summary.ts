import type { PipelineResource } from "../observe/pipeline-resource.ts";

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
