import type { AttemptKey, RunningAttempt } from "../model/attempt.ts";
import type { StepTask } from "../model/task.ts";

/** Executes isolated steps elsewhere: claims, runs and ends them there, then wakes the run. */
export interface StepOperator {
  /**
   * Hands the task over; returns when it is accepted, not when it has ended. May be called again for the same task.
   * `delayMs`: it starts no sooner; default 0.
   */
  launch(task: StepTask, delayMs?: number): Promise<void>;
  /** Asks the attempt's `signal` to abort, where it runs; no promise that it ends. */
  abort(key: AttemptKey, reason: string): Promise<void>;
  /** Knows that the place of this claim can write no more, before its `until` has passed; absent: nobody can know. */
  isGone?(claim: RunningAttempt): Promise<boolean>;
  /** Why no place can run a step with these needs; undefined when one can. */
  refuses(needs: Needs): string | undefined;
}

/** What a step asks of its place. */
export interface Needs {
  readonly operator?: string;
  readonly memoryMb?: number;
  readonly cpu?: number;
  readonly timeoutMs?: number;
}
