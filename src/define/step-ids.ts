import { maxNameLength, namePattern, type StepRunId } from "../model/id.ts";
import { SkeinError } from "../model/error.ts";

/** Gives step runs their ids by the order of the calls: `fit`, `fit_2`, `fit_3`. One allocator for automatic and explicit ids. */
export class StepIds {
  readonly #counts = new Map<string, number>();
  /** Automatic ids are unique by themselves until explicit ones, or steps that are named like `fit_2`, come between. */
  #mayCollide = false;

  /** `isTaken`: whether a call of this run or plan has the id already. */
  take(step: string, explicit: string | undefined, isTaken: (id: StepRunId) => boolean): StepRunId {
    if (explicit !== undefined) {
      this.#mayCollide = true;
      return checkedId(step, explicit, isTaken);
    }
    for (;;) {
      const count = (this.#counts.get(step) ?? 0) + 1;
      this.#counts.set(step, count);
      const id = count === 1 ? step : `${step}_${count}`;
      if (count === 1 && /_\d+$/.test(step)) this.#mayCollide = true;
      if (!this.#mayCollide || !isTaken(id)) return id;
    }
  }
}

function checkedId(step: string, id: string, isTaken: (id: StepRunId) => boolean): StepRunId {
  if (!namePattern.test(id) || id.length > maxNameLength) {
    throw new SkeinError(
      "bad_call",
      `"${id}" cannot be the id of a call of step ${step}: ids are letters, digits and _, begin with a letter, and have at most ${maxNameLength} characters`,
    );
  }
  if (isTaken(id)) {
    throw new SkeinError(
      "duplicate_step_id",
      `the id "${id}" of a call of step ${step} is taken: another call of this run has it already; automatic ids are the step's name and name_2, name_3, …`,
    );
  }
  return id;
}
