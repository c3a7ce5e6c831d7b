import { types } from "node:util";
import { SkeinError } from "../model/error.ts";
import type { FailureMode, RunMode } from "../model/run.ts";
import { callSite } from "./call-site.ts";
import type { Nothing } from "./call-input.ts";
import { registerPipeline } from "./catalogue.ts";
import { DefinitionCheck } from "./definition-check.ts";
import { definitionKey } from "./definition-of.ts";
import type { PipelineDefinition } from "./definition.ts";
import type { Checked, ResultOfFn } from "./pipeline-result.ts";
import type { RunContext } from "./run-context.ts";
import type { Given, Parsed, Schema } from "./schema.ts";
import { refuseInRun } from "./scope-check.ts";

declare const takes: unique symbol;
declare const gives: unique symbol;

export interface PipelineOptions<P, M> {
  /** The pipeline's identity: a letter, then letters, digits or `_`, at most 64. */
  name: string;
  /** Schema of an object with a field for each parameter. Default: the pipeline takes none. */
  params?: P;
  /** `static`: `fn` is synchronous and its calls are compiled to a graph, checked before anything runs. Default: `dynamic`. */
  mode?: M;
  /**
   * `stop_on_failure` (default): once the function has failed nothing queued starts, what runs finishes. `fail_fast`: the first
   * failed step, awaited or not, ends the run. `continue_on_failure`: everything independent runs to its end.
   */
  onFailure?: "stop_on_failure" | "fail_fast" | "continue_on_failure" | undefined;
  /** Step runs, items of maps included, that end the run as runaway. A whole number from 1; default 1,000,000. */
  maxSteps?: number | undefined;
  /** Step runs at once, in the whole run. A whole number from 1; default: as many as the engine allows. */
  maxConcurrency?: number | undefined;
}

/** A pipeline, to be given to `start`. `P`: its parameters; `R`: what its runs end with. */
export interface Pipeline<in P, out R> {
  readonly name: string;
  readonly [takes]: (params: P) => void;
  readonly [gives]: R;
}

const defaultMaxSteps = 1_000_000;
const optionKeys = ["name", "params", "mode", "onFailure", "maxSteps", "maxConcurrency"];

/**
 * Defines a pipeline and adds it to the catalogue, at the top level of a module. `fn` gets the parsed parameters, calls steps,
 * and returns nothing, a handle, or a list or a record of handles.
 *
 * @throws SkeinError `bad_definition`, `duplicate_pipeline`, `async_static_pipeline`, `step_defined_in_run`
 */
export function pipeline<P extends Schema<object, object> = Schema<Nothing>, const M extends "dynamic" | "static" = "dynamic", R = void>(
  options: PipelineOptions<P, M>,
  fn: ((params: Parsed<P>, run: RunContext) => R) & Checked<M, R>,
): Pipeline<Given<P>, ResultOfFn<R>> {
  const site = callSite();
  refuseInRun("pipeline", site.at);
  const definition = define(options, fn, site.at);
  registerPipeline(definition, site);
  const made: object = Object.defineProperties(
    {},
    { name: { value: definition.name, enumerable: true }, [definitionKey]: { value: definition } },
  );
  return Object.freeze(made) as Pipeline<Given<P>, ResultOfFn<R>>;
}

function define(options: PipelineOptions<Schema, RunMode>, fn: PipelineDefinition["fn"], at: string): PipelineDefinition {
  const nameless: DefinitionCheck = new DefinitionCheck("a pipeline", at);
  nameless.object(options, "its options");
  const name = nameless.name(options.name, "its name");
  const check: DefinitionCheck = new DefinitionCheck(`pipeline ${name}`, at);
  check.onlyKeys(options, optionKeys);
  check.fn(fn, "its second argument");
  const { params, mode = "dynamic", onFailure = "stop_on_failure", maxSteps = defaultMaxSteps, maxConcurrency } = options;
  const definition = {
    name,
    fn,
    definedAt: at,
    params: params === undefined ? undefined : check.schema(params, "params"),
    mode: check.choice<RunMode>(mode, "mode", ["dynamic", "static"]),
    onFailure: check.choice<FailureMode>(onFailure, "onFailure", ["stop_on_failure", "fail_fast", "continue_on_failure"]),
    maxSteps: check.whole(maxSteps, "maxSteps", 1),
    maxConcurrency: maxConcurrency === undefined ? undefined : check.whole(maxConcurrency, "maxConcurrency", 1),
  };
  checkKindOfFunction(definition, check);
  return Object.freeze(definition);
}

function checkKindOfFunction(definition: PipelineDefinition, check: DefinitionCheck): void {
  const { name, mode, fn, definedAt } = definition;
  if (types.isGeneratorFunction(fn))
    throw check.bad("its function is a generator; a pipeline function is an ordinary or (where not static) async one");
  if (mode === "static" && types.isAsyncFunction(fn)) {
    throw new SkeinError(
      "async_static_pipeline",
      `pipeline ${name} (${definedAt}) is static and its function async: drop async and await and pass the outputs of calls on, or make it dynamic`,
    );
  }
}
