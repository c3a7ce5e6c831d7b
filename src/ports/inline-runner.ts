import type { Ran, StepTask } from "../model/task.ts";

/** Runs concurrent inline steps beside the pipeline function: worker threads of its process. */
export interface InlineRunner {
  /** Tasks at once; more wait their turn. */
  readonly width: number;
  /**
   * Runs the tasks in order on one thread and reports each as it ends; resolves when all have. Never rejects for a step's
   * failure. Of a runner that is closed meanwhile it never resolves: what it ran belongs to whoever takes the run over.
   */
  run(tasks: readonly StepTask[], signal: AbortSignal, onEnd: (index: number, ran: Ran) => void): Promise<void>;
}
