import type { AttemptKey } from "../../model/attempt.ts";
import type { Failure } from "../../model/failure.ts";
import type { StepTask, Wake } from "../../model/task.ts";

/** From the operator to a child. `job` numbers the tasks of one child, so that a late word is never taken for the next task's. */
export type ToChild =
  /** `aborted`: given up already while it waited for a child. */
  | { readonly t: "task"; readonly job: number; readonly task: StepTask; readonly aborted?: string | undefined }
  | { readonly t: "abort"; readonly job: number; readonly reason: string }
  /** Finish what runs, then exit. */
  | { readonly t: "end" };

/** From a child to the operator, in lists of what belongs together. */
export type FromChild =
  | { readonly t: "ready" }
  /** It cannot serve: its catalogue or its stores do not open. */
  | { readonly t: "unfit"; readonly error: Failure }
  /** The job is over, and the child free. `error`: it could not be recorded. */
  | { readonly t: "done"; readonly job: number; readonly error?: Failure | undefined }
  /** The last word before an uncaught error ends the process. */
  | { readonly t: "dying"; readonly error: Failure }
  | ChildRequest;

/** What a task asks for while it is executed or settled: the ports that only the engine's own process can serve. */
export type ChildRequest =
  | { readonly t: "wake"; readonly wake: Wake; readonly delayMs?: number | undefined }
  | { readonly t: "launch"; readonly task: StepTask; readonly delayMs?: number | undefined }
  | { readonly t: "abort"; readonly key: AttemptKey; readonly reason: string };
