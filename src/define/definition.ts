import type { Runtime } from "../model/event.ts";
import type { CallPolicy } from "../model/policy.ts";
import type { FailureMode, RunMode } from "../model/run.ts";
import type { Schema } from "./schema.ts";

/** What `step()` made, as the engine sees it. Plain and frozen; `with()` makes another one of the same name. */
export interface StepDefinition {
  readonly name: string;
  readonly input: Schema | undefined;
  readonly outputs: DeclaredOutputs;
  readonly fn: (input: never, context: never) => unknown;
  readonly runtime: Runtime;
  readonly policy: CallPolicy;
  /** `file:line` of the definition. */
  readonly definedAt: string;
  /** SHA-256 over the function's text, its schemas and materializers: part of the cache key. */
  readonly codeDigest: string;
}

/** Nothing, one output (named `output`), or named ones in declaration order. */
export type DeclaredOutputs =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly schema: Schema }
  | { readonly kind: "named"; readonly schemas: Readonly<Record<string, Schema>> };

export interface PipelineDefinition {
  readonly name: string;
  readonly params: Schema | undefined;
  readonly mode: RunMode;
  readonly onFailure: FailureMode;
  readonly maxSteps: number;
  readonly maxConcurrency: number | undefined;
  readonly fn: (params: never, run: never) => unknown;
  readonly definedAt: string;
}

/** Names of a step's outputs, in declaration order. */
export function outputNames(outputs: DeclaredOutputs): readonly string[] {
  switch (outputs.kind) {
    case "none":
      return [];
    case "one":
      return ["output"];
    case "named":
      return Object.keys(outputs.schemas);
  }
}
