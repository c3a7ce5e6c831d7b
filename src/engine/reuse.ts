import type { RunEvent, StepCalled, StepMapped } from "../model/event.ts";
import { sameInput } from "../model/input.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Reuse } from "../orchestrate/orchestrated.ts";

/** What a resume with changed code may take over from the part of the journal that it leaves. */
export function reuseOf(orphaned: readonly RunEvent[]): Reuse {
  const calls = new Map<string, StepCalled | StepMapped>();
  const outcomes = new Map<string, Outcome>();
  const attempts = new Map<string, number>();
  for (const event of orphaned) {
    if (event.t === "called" || event.t === "mapped") {
      calls.set(event.id, event);
      // What an earlier call of this id gave is not what this one would.
      outcomes.delete(event.id);
    }
    if (event.t === "launched") attempts.set(event.id, Math.max(event.attempt, attempts.get(event.id) ?? 0));
    if (event.t === "outcome" && (event.outcome.status === "completed" || event.outcome.status === "cached"))
      outcomes.set(event.id, event.outcome);
  }
  return {
    outcomeOf: (called) => {
      const before = calls.get(called.id);
      // A call that only ended in the part that was given up was made in the part that is kept.
      const isSame =
        before === undefined || (before.t === called.t && before.step === called.step && sameInput(before.input, called.input));
      return isSame ? outcomes.get(called.id) : undefined;
    },
    attemptsOf: (id) => attempts.get(id) ?? 0,
  };
}
