import { hash } from "node:crypto";
import { artifactOptionsOf } from "./artifact-schema.ts";
import type { DeclaredOutputs } from "./definition.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import type { Schema } from "./schema.ts";

/**
 * SHA-256 over what a step does as far as it can be read: the function's text, its schemas as JSON Schema, its materializers.
 * What the function calls or closes over is not in it, nor are the functions inside schemas (refinements, transforms).
 */
export function codeDigest(fn: object, input: Schema | undefined, outputs: DeclaredOutputs): string {
  const parts = [Function.prototype.toString.call(fn), input === undefined ? null : describe(input, "input"), describeOutputs(outputs)];
  return hash("sha256", JSON.stringify(parts));
}

function describeOutputs(outputs: DeclaredOutputs): unknown {
  switch (outputs.kind) {
    case "none":
      return null;
    case "one":
      return describe(outputs.schema, "output");
    case "named":
      return Object.entries(outputs.schemas).map(([name, schema]) => [name, describe(schema, "output")]);
  }
}

function describe(schema: Schema, side: "input" | "output"): unknown {
  const { materializer, item } = artifactOptionsOf(schema);
  const shape = jsonSchemaOf(schema, side) ?? `vendor:${schema["~standard"].vendor}`;
  return [shape, materializer ?? null, item === undefined ? null : describe(item, side)];
}
