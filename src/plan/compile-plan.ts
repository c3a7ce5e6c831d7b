import type { PipelineDefinition, StepDefinition } from "../define/definition.ts";
import type { Log } from "../define/log.ts";
import { encodeReturned } from "../define/returned.ts";
import { waitInStaticPipeline, type RunContext } from "../define/run-context.ts";
import { scope } from "../define/scope.ts";
import { SkeinError } from "../model/error.ts";
import { checkCalls } from "./check-calls.ts";
import { checkTypes } from "./check-types.ts";
import type { CompiledPlan } from "./plan.ts";
import { PlanCalls } from "./plan-calls.ts";

/** What the plan will run on. */
export interface Facilities {
  /** Why no place can run a step with these needs; undefined when one can. */
  readonly refuses: (needs: { readonly operator?: string; readonly memoryMb?: number; readonly cpu?: number }) => string | undefined;
}

/**
 * Compiles a static pipeline: runs its function once with handles of outputs to come, and validates the graph that this gives.
 *
 * @throws SkeinError `load_in_static_pipeline`, `async_static_pipeline`, `unknown_upstream`, `cyclic_plan`, `duplicate_step_id`,
 * `type_mismatch`, `map_length_mismatch`, `missing_operator`, `bad_pipeline_result`, `max_steps_exceeded`, and what a wrong call throws
 */
export function compilePlan(definition: PipelineDefinition, params: unknown, facilities: Facilities): CompiledPlan {
  const calls = new PlanCalls(definition.name);
  const returned = callStatic(definition, params, calls);
  const outputs = encodeReturned(returned, calls);
  const made = calls.calls.map(({ call }) => call);
  if (made.length > definition.maxSteps)
    throw new SkeinError(
      "max_steps_exceeded",
      `static pipeline ${definition.name} calls ${made.length} steps; its maxSteps is ${definition.maxSteps}`,
    );
  checkCalls(definition.name, made);
  checkTypes(definition.name, calls.calls);
  for (const { call, definition: step } of calls.calls) checkPlace(definition.name, call.id, step, facilities);
  return { calls: made, outputs };
}

function callStatic(definition: PipelineDefinition, params: unknown, calls: PlanCalls): unknown {
  const nothing = () => {};
  const log: Log = Object.assign(nothing, { debug: nothing, info: nothing, warn: nothing, error: nothing });
  const unknown = (what: string) => (): never => {
    throw new SkeinError(
      "load_in_static_pipeline",
      `static pipeline ${definition.name}: run.${what}() is not there when the pipeline is compiled; ask for it in a step`,
    );
  };
  const waiting = (what: "sleep" | "waitFor") => (): never => {
    throw waitInStaticPipeline(definition.name, what);
  };
  const context: RunContext = {
    id: "plan",
    log,
    now: unknown("now"),
    random: unknown("random"),
    uuid: unknown("uuid"),
    sleep: waiting("sleep"),
    waitFor: waiting("waitFor"),
  };
  const fn: (params: never, run: never) => unknown = definition.fn;
  const returned = scope.run(
    { kind: "pipeline", calls, pipeline: definition, log: nothing },
    () => Reflect.apply(fn, undefined, [params, context]) as unknown,
  );
  if (!(returned instanceof Promise)) return returned;
  returned.catch(() => {});
  throw new SkeinError(
    "async_static_pipeline",
    `the function of static pipeline ${definition.name} returned a promise: drop async and await, pass the outputs of calls on`,
  );
}

function checkPlace(pipeline: string, id: string, step: StepDefinition, { refuses }: Facilities): void {
  const why = step.runtime === "isolated" ? refuses(step.policy) : undefined;
  if (why !== undefined)
    throw new SkeinError("missing_operator", `static pipeline ${pipeline}: step run ${id} cannot be run anywhere: ${why}`);
}
