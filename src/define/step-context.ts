import type { Metadata } from "../model/failure.ts";
import type { Log } from "./log.ts";

/** The second parameter of a step function. Its members may be taken apart: none of them needs `this`. */
export interface StepContext<out N = never> {
  readonly log: Log;
  /** Aborts at the step's `timeout`, at `cancel()`, at a stop request and before the place ends. */
  readonly signal: AbortSignal;
  /** From 1. */
  readonly attempt: number;
  readonly step: { readonly id: string; readonly name: string };
  readonly run: { readonly id: string; readonly pipeline: string };
  /** Records values with the step run, or with one of its outputs. Later values of a key replace earlier ones. */
  metadata(this: void, values: Metadata, options?: { readonly output?: N | undefined }): void;
  /** Milliseconds until `signal` aborts; `Infinity` where nothing limits the step. */
  remainingMs(this: void): number;
}
