import type { AttemptKey, RunningAttempt } from "../model/attempt.ts";
import type { StepTask } from "../model/task.ts";
import type { StepOperator } from "../ports/step-operator.ts";
import type { Ports } from "./ports.ts";
import { runIsolatedStep } from "./step.ts";

/** What the operator is made of; `turns` and `operator` are asked for when they are needed, since the engine has this operator. */
export interface InProcessOperatorOptions {
  readonly ports: () => Ports;
  /** Tells this operator from others on the same stores. */
  readonly name: string;
  /** When its steps can write no more, epoch milliseconds. */
  readonly until: number;
  /** Told what a step's place itself failed with: the stores, never a step. */
  readonly onError: (error: unknown) => void;
}

/** Runs isolated steps in the same process, with all that isolation brings but the process: for tests. */
export class InProcessOperator implements StepOperator {
  readonly #options: InProcessOperatorOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #closing = new AbortController();

  constructor(options: InProcessOperatorOptions) {
    this.#options = options;
  }

  async launch(task: StepTask, delayMs = 0): Promise<void> {
    this.#run(task, delayMs).catch((error: unknown) => this.#options.onError(error));
  }

  async #run(task: StepTask, delayMs: number): Promise<void> {
    const ports = this.#options.ports();
    await ports.clock.wait(delayMs, this.#closing.signal);
    const name = nameOf(task.key);
    if (this.#closing.signal.aborted || this.#running.has(name)) return;
    const controller = new AbortController();
    this.#running.set(name, controller);
    try {
      const { name: born, until } = this.#options;
      await runIsolatedStep(task, { ...ports, place: { kind: "process", born }, until, signal: controller.signal });
    } finally {
      this.#running.delete(name);
    }
  }

  async abort(key: AttemptKey, reason: string): Promise<void> {
    this.#running.get(nameOf(key))?.abort(reason);
  }

  async isGone(claim: RunningAttempt): Promise<boolean> {
    return claim.place.born !== this.#options.name;
  }

  refuses(): undefined {
    return undefined;
  }

  /** What runs is asked to end, what waits never starts. */
  close(): void {
    this.#closing.abort();
    for (const controller of this.#running.values()) controller.abort("the engine was closed");
  }
}

function nameOf({ run, id, attempt }: AttemptKey): string {
  return `${run} ${id} ${attempt}`;
}
