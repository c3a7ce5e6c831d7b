import type { Failure } from "../../model/failure.ts";
import type { Ran, StepTask } from "../../model/task.ts";
import type { LocalSetup } from "./process-setup.ts";

/** To a worker thread, one batch at a time. */
export type ToThread =
  | { readonly t: "run"; readonly tasks: readonly StepTask[] }
  /** Of the batch that runs. */
  | { readonly t: "abort"; readonly reason: string };

/** From a worker thread. */
export type FromThread =
  | { readonly t: "ready" }
  /** It cannot serve: its catalogue or its stores do not open. */
  | { readonly t: "unfit"; readonly error: Failure }
  /** The next tasks of the batch, in its order. */
  | { readonly t: "ended"; readonly rans: readonly Ran[] }
  /** All of the batch has ended. */
  | { readonly t: "done" };

export interface ThreadData {
  readonly setup: LocalSetup;
  readonly marker: SharedArrayBuffer;
}

/** Memory shared by a thread and its owner. A thread that dies says nothing more: this tells which task it was at, and since when. */
export class Marker {
  readonly buffer: SharedArrayBuffer;
  readonly #index: Int32Array;
  readonly #since: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#index = new Int32Array(buffer, 0, 1);
    this.#since = new Float64Array(buffer, 8, 1);
  }

  /** The task's index in its batch; the batch's length after its last task. */
  get index(): number {
    return Atomics.load(this.#index, 0);
  }

  /** Epoch milliseconds. */
  get since(): number {
    return this.#since[0] ?? 0;
  }

  set(index: number, since: number): void {
    this.#since[0] = since;
    Atomics.store(this.#index, 0, index);
  }
}
