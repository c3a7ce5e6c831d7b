import type { StepTask, Wake } from "../model/task.ts";
import type { TurnQueue } from "../ports/turn-queue.ts";
import type { Invocation, StepPorts, TurnPorts } from "./ports.ts";
import { runIsolatedStep } from "./step.ts";
import { takeTurn } from "./turn.ts";
import type { TurnHost } from "./turn-place.ts";

/** A turn that begins with less than this may not get anywhere. */
const neededMs = 60_000;

/**
 * Runs an isolated step, and the run's next turn in the same invocation where nothing else of the run is outstanding: one event and
 * one way less. That turn leaves inline steps to the orchestrator. If this place dies in between, its failure note tells the outcome
 * again, as it does for any finisher that did not come to wake.
 */
export async function runStepAndTakeOn(
  task: StepTask,
  step: StepPorts,
  turn: { readonly ports: TurnPorts; readonly invocation: Invocation; readonly host: TurnHost },
): Promise<void> {
  const keeper = new WakeKeeper(step.turns, () => task.isAlone === true && step.until - step.clock.now() >= neededMs);
  await runIsolatedStep(task, { ...step, turns: keeper });
  if (keeper.kept !== undefined) await takeTurn(keeper.kept, turn.ports, turn.invocation, turn.host);
}

/** Keeps the first wake with an outcome, where it may, instead of sending it. */
class WakeKeeper implements TurnQueue {
  kept: Wake | undefined;
  readonly #turns: TurnQueue;
  readonly #mayKeep: () => boolean;

  constructor(turns: TurnQueue, mayKeep: () => boolean) {
    this.#turns = turns;
    this.#mayKeep = mayKeep;
  }

  async wake(wake: Wake, delayMs?: number): Promise<void> {
    if (wake.reason === "outcome" && this.kept === undefined && this.#mayKeep()) this.kept = wake;
    else await this.#turns.wake(wake, delayMs);
  }
}
