import { SkeinError } from "../model/error.ts";
import type { PipelineDefinition, StepDefinition } from "./definition.ts";

/** On what `step()` and `pipeline()` return, not enumerable; `Symbol.for`, so that two copies of the package agree. */
export const definitionKey: unique symbol = Symbol.for("skein.definition.1");

/** What is behind a step or a pipeline. @throws SkeinError `bad_call`, for other values */
export function definitionOf(step: (...args: never) => unknown): StepDefinition;
export function definitionOf(pipeline: { readonly name: string }): PipelineDefinition;
export function definitionOf(defined: object): PipelineDefinition | StepDefinition {
  if (definitionKey in defined && isDefinition(defined[definitionKey])) return defined[definitionKey];
  throw new SkeinError("bad_call", "this is no step or pipeline: give what step() or pipeline() returned");
}

function isDefinition(value: unknown): value is PipelineDefinition | StepDefinition {
  return typeof value === "object" && value !== null && "definedAt" in value;
}
