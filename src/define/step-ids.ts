import { maxNameLength, namePattern, type StepRunId } from "../model/id.ts";
import { SkeinError } from "../model/error.ts";

/** Gives step runs their ids by the order of the calls: `fit`, `fit_2`, `fit_3`. One allocator for automatic and explicit ids. */
export class StepIds {
  readonly #counts = new Map<string, number>();
  readonly #taken = new Set<StepRunId>();

  take(step: string, explicit: string | undefined): StepRunId {
    if (explicit !== undefined) return this.#takeExplicit(step, explicit);
    for (;;) {
      const count = (this.#counts.get(step) ?? 0) + 1;
      this.#counts.set(step, count);
      const id = count === 1 ? step : `${step}_${count}`;
      if (!this.#taken.has(id)) {
        this.#taken.add(id);
        return id;
      }
    }
  }

  #takeExplicit(step: string, id: string): StepRunId {
    if (!namePattern.test(id) || id.length > maxNameLength) {
      throw new SkeinError("bad_call", `"${id}" cannot be the id of a call of step ${step}: ids are letters, digits and _, begin with a letter, and have at most ${maxNameLength} characters`);
    }
    if (this.#taken.has(id)) {
      throw new SkeinError("duplicate_step_id", `the id "${id}" of a call of step ${step} is taken: another call of this run has it already; automatic ids are the step's name and name_2, name_3, …`);
    }
    this.#taken.add(id);
    return id;
  }
}
