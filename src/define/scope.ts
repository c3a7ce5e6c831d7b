import { AsyncLocalStorage } from "node:async_hooks";
import type { CallKind, LogLevel } from "../model/event.ts";
import type { Metadata } from "../model/failure.ts";
import type { PipelineDefinition, StepDefinition } from "./definition.ts";

/** What the code that runs right now belongs to; absent outside runs. */
export type Scope =
  | {
      readonly kind: "pipeline";
      readonly calls: Calls;
      readonly pipeline: PipelineDefinition;
      readonly log: (level: LogLevel, message: string, fields?: Metadata) => void;
    }
  | { readonly kind: "step"; readonly step: string; readonly log: (level: LogLevel, message: string, fields?: Metadata) => void };

/** What a pipeline function's calls turn into: journalled decisions in a run, nodes of a plan at compile time. */
export interface Calls {
  /** Returns the handle that the caller gets: a `Call` for `sync` and `static`, a `Future(s)` for `submit`. */
  step(definition: StepDefinition, input: unknown, options: CallRequest, kind: CallKind): object;
  map(definition: StepDefinition, input: unknown, options: MapRequest, combine: "zip" | "product"): object;
}

export interface CallRequest {
  readonly id?: string | undefined;
  readonly after?: unknown;
}
export interface MapRequest extends CallRequest {
  readonly maxConcurrency?: number | undefined;
}

export const scope = new AsyncLocalStorage<Scope>();
