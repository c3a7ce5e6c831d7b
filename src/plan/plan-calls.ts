import type { Backing, MapBacking } from "../define/backing.ts";
import { CallHandle } from "../define/call-handle.ts";
import { calledStep, mappedStep } from "../define/called.ts";
import type { DeclaredOutputs, StepDefinition } from "../define/definition.ts";
import { futureOf, MapHandle } from "../define/futures-handle.ts";
import type { CallRequest, Calls, MapRequest } from "../define/scope.ts";
import { StepIds } from "../define/step-ids.ts";
import { SkeinError } from "../model/error.ts";
import type { CallKind } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { PlannedCall } from "./plan.ts";

/** Takes the calls of a static pipeline's function down, and gives handles of outputs that are not there yet. */
export class PlanCalls implements Calls {
  readonly #pipeline: string;
  readonly #ids = new StepIds();
  readonly #taken = new Set<StepRunId>();
  readonly calls: { readonly call: PlannedCall; readonly definition: StepDefinition }[] = [];

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  step(definition: StepDefinition, input: unknown, options: CallRequest, kind: CallKind): object {
    const id = this.#ids.take(definition.name, options.id, (other) => this.#taken.has(other));
    const { called } = this.#knowing(definition, () => calledStep(definition, input, options, { id, kind: "static", owner: this }));
    this.#taken.add(id);
    this.calls.push({ call: called, definition });
    const backing = new PlannedOutput(this, id, definition.outputs, this.#pipeline);
    return kind === "submit" ? futureOf(backing) : new CallHandle(backing);
  }

  map(definition: StepDefinition, input: unknown, options: MapRequest, combine: "zip" | "product"): object {
    const id = this.#ids.take(definition.name, options.id, (other) => this.#taken.has(other));
    const { called } = this.#knowing(definition, () =>
      mappedStep(definition, input, options, { id, combine, owner: this, isStatic: true }),
    );
    this.#taken.add(id);
    this.calls.push({ call: called, definition });
    return new MapHandle(new PlannedOutput(this, id, definition.outputs, this.#pipeline));
  }

  /** What comes from another run or plan is no upstream that this one knows. */
  #knowing<T>(definition: StepDefinition, encode: () => T): T {
    try {
      return encode();
    } catch (error) {
      if (!(error instanceof SkeinError) || error.code !== "handle_of_another_run") throw error;
      throw new SkeinError(
        "unknown_upstream",
        `static pipeline ${this.#pipeline}: step ${definition.name} depends on something that is no step of it: ${error.message}`,
        { cause: error },
      );
    }
  }
}

/** A step run of a plan: it will have outputs, but nothing of it is there when the function is compiled. */
class PlannedOutput implements MapBacking {
  readonly owner: object;
  readonly id: StepRunId;
  readonly outputs: DeclaredOutputs;
  readonly delivered = undefined;
  readonly #handles = new Map<string, object>();
  readonly #pipeline: string;

  constructor(owner: object, id: StepRunId, outputs: DeclaredOutputs, pipeline: string) {
    this.owner = owner;
    this.id = id;
    this.outputs = outputs;
    this.#pipeline = pipeline;
  }

  settlement(): never {
    throw this.#refuse("waited for or loaded");
  }
  observe(): void {}
  recall(key: string): object | undefined {
    return this.#handles.get(key);
  }
  keep(key: string, handle: object): void {
    this.#handles.set(key, handle);
  }
  cancel(): never {
    throw this.#refuse("cancelled");
  }
  load(): never {
    throw this.#refuse("loaded");
  }
  items(): Promise<readonly Backing[]> {
    throw this.#refuse("looked at item by item");
  }

  #refuse(what: string): SkeinError {
    return new SkeinError(
      "load_in_static_pipeline",
      `static pipeline ${this.#pipeline}: ${this.id} cannot be ${what}: the function of a static pipeline is compiled before anything runs. Pass the outputs of calls on, or make the pipeline dynamic`,
    );
  }
}
