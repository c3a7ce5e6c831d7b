import type { Launched, OutcomeSeen, StepCalled, StepMapped } from "../model/event.ts";
import { retryDelayMs } from "../model/policy.ts";

/** An attempt that may have started: `at` is when it was decided, or when it is due. */
export interface Launch {
  readonly at: number;
  readonly items?: number;
}

/** A call of a run, with all that the journal says of it. */
export class CallHistory {
  readonly call: StepCalled | StepMapped;
  /** Place among the run's calls, from 0. */
  readonly order: number;
  readonly #launches = new Map<number, Launch>();
  readonly #outcomes = new Map<number, OutcomeSeen>();
  #failures = 0;
  #isGivenUp = false;
  #final: OutcomeSeen | undefined;

  constructor(call: StepCalled | StepMapped, order: number) {
    this.call = call;
    this.order = order;
  }

  get launches(): ReadonlyMap<number, Launch> {
    return this.#launches;
  }

  /** Of attempts, as the run saw them; a step run that never started has its word under 0. */
  get outcomes(): ReadonlyMap<number, OutcomeSeen> {
    return this.#outcomes;
  }

  /** The outcome after which no other attempt comes. */
  get final(): OutcomeSeen | undefined {
    return this.#final;
  }

  /** Will another attempt follow, once the run sees that this one failed? */
  retriesAfter(outcome: OutcomeSeen["outcome"]): boolean {
    if (outcome.status !== "failed" || this.call.t === "mapped" || this.#isGivenUp) return false;
    const failures = this.#failures + (outcome.error.interrupted === true ? 0 : 1);
    return retryDelayMs(this.call.policy ?? {}, outcome.error, failures) !== undefined;
  }

  launch(event: Launched, at: number): void {
    this.#launches.set(event.attempt, { at: Math.max(event.dueAt ?? 0, at), ...(event.items === undefined ? {} : { items: event.items }) });
  }

  giveUp(): void {
    this.#isGivenUp = true;
  }

  /** A failure that is told twice was the last: the attempt that should have followed it was given up. */
  see(event: OutcomeSeen): void {
    if (this.#final !== undefined) return;
    const earlier = this.#outcomes.get(event.attempt);
    const isFirst = earlier === undefined && this.#launches.has(event.attempt);
    const retries = isFirst && this.retriesAfter(event.outcome);
    const merged = { ...earlier, ...event };
    this.#outcomes.set(event.attempt, merged);
    if (!retries) this.#final = merged;
    else if (event.outcome.status === "failed" && event.outcome.error.interrupted !== true) this.#failures++;
  }
}
