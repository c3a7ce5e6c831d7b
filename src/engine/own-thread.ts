import { defaultReserveMs } from "../execute/deadline.ts";
import { executeStep } from "../execute/execute-step.ts";
import type { Ran, StepTask } from "../model/task.ts";
import type { InlineRunner } from "../ports/inline-runner.ts";
import type { Invocation, Ports } from "./ports.ts";
import { marginMs } from "./turn-time.ts";

/** Attempts at once in one thread: they only overlap where they wait. */
export const ownWidth = 16;

/** Runs inline steps in the orchestrator's own thread: synchronous ones, and all of them where there are no other threads. */
export class OwnThread implements InlineRunner {
  readonly width = ownWidth;
  readonly #ports: Ports;
  readonly #invocation: Invocation;

  constructor(ports: Ports, invocation: Invocation) {
    this.#ports = ports;
    this.#invocation = invocation;
  }

  runOne(task: StepTask, signal: AbortSignal): Promise<Ran> {
    const { artifacts, clock, logs, inlineValues, entropy, onLeft, outlastsOutages = false } = this.#ports;
    const { place, until } = this.#invocation;
    return executeStep(task, {
      artifacts,
      clock,
      logs,
      inlineValues,
      place,
      until,
      // No more than the turn keeps free itself: a timeout that fits into it is given in full.
      reserveMs: Math.min(defaultReserveMs, marginMs(this.#invocation)),
      outlastsOutages,
      signal,
      nonce: entropy.nonce(),
      ...(onLeft === undefined ? {} : { onLeft }),
    });
  }

  async run(tasks: readonly StepTask[], signal: AbortSignal, onEnd: (index: number, ran: Ran) => void): Promise<void> {
    for (const [index, task] of tasks.entries()) onEnd(index, await this.runOne(task, signal));
  }
}
