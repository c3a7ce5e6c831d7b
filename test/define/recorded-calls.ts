import { pipeline } from "../../src/index.ts";
import { definitionOf } from "../../src/define/definition-of.ts";
import type { StepDefinition } from "../../src/define/definition.ts";
import { scope, type Calls, type Scope } from "../../src/define/scope.ts";

export interface RecordedCall {
  readonly definition: StepDefinition;
  readonly input: unknown;
  readonly options: object;
  readonly how: string;
}

/** Stands for a run: writes down what a pipeline function calls, and answers with handles that are only objects. */
export class RecordedCalls implements Calls {
  readonly made: RecordedCall[] = [];

  step(definition: StepDefinition, input: unknown, options: object, how: string): object {
    this.made.push({ definition, input, options, how });
    return { handle: this.made.length };
  }

  map(definition: StepDefinition, input: unknown, options: object, how: string): object {
    return this.step(definition, input, options, how);
  }
}

const around = definitionOf(pipeline({ name: "around" }, () => {}));

export function inPipeline<T>(calls: Calls, fn: () => T): T {
  return scope.run({ kind: "pipeline", calls, pipeline: around, log: () => {} }, fn);
}

export function inStep<T>(fn: () => T, log: Scope["log"] = () => {}): T {
  return scope.run({ kind: "step", step: "outer", log }, fn);
}
