import type { Schema } from "./schema.ts";

/** A schema as JSON Schema (draft 2020-12), where its library can say it that way (`~standard.jsonSchema`), else undefined. */
export function jsonSchemaOf(schema: Schema, side: "input" | "output" = "input"): Readonly<Record<string, unknown>> | undefined {
  const standard: object = schema["~standard"];
  if (!("jsonSchema" in standard) || !isConverter(standard.jsonSchema)) return undefined;
  try {
    // Parts that JSON Schema has no word for (dates, transforms) become "anything" instead of refusing the whole.
    return standard.jsonSchema[side]({ target: "draft-2020-12", libraryOptions: { unrepresentable: "any" } });
  } catch {
    return undefined;
  }
}

type Convert = (options: { readonly target: string; readonly libraryOptions: object }) => Readonly<Record<string, unknown>>;

function isConverter(value: unknown): value is { readonly input: Convert; readonly output: Convert } {
  return (
    typeof value === "object" &&
    value !== null &&
    "input" in value &&
    typeof value.input === "function" &&
    "output" in value &&
    typeof value.output === "function"
  );
}
