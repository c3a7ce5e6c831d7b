import type { StepTask, Wake } from "../../model/task.ts";

/**
 * The functions that a run uses, by qualified ARNs: one published version each, so that the run keeps its code (I10). It travels
 * with every message, so that whoever gets one knows where the run's functions are without a read.
 */
export interface Route {
  readonly orchestrator: string;
  readonly operators: readonly OperatorTarget[];
}

/** A size class of step operators. */
export interface OperatorTarget {
  readonly name: string;
  readonly memoryMb: number;
  /** Qualified ARNs: the function and its clones, which scale side by side. */
  readonly functions: readonly [string, ...string[]];
}

/** What the orchestrator is invoked with. */
export interface TurnMessage {
  readonly v: 1;
  readonly kind: "turn";
  readonly wake: Wake;
}

/** What a step operator is invoked with. */
export interface StepMessage {
  readonly v: 1;
  readonly kind: "step";
  readonly task: StepTask;
  readonly route: Route;
}

/** What lies in the queue until its time: longer delays than SQS has are sent again. */
export interface DelayedMessage {
  readonly v: 1;
  readonly kind: "delayed";
  /** Epoch milliseconds. */
  readonly dueAt: number;
  /** Qualified ARN of the function that is to get it. */
  readonly to: string;
  readonly message: TurnMessage | StepMessage;
}
