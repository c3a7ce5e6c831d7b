import { formatDuration } from "../../model/duration.ts";
import type { ErrorCode } from "../../model/error-code.ts";
import { failureOf } from "../../model/error.ts";
import type { Failure } from "../../model/failure.ts";
import type { Place } from "../../model/place.ts";
import type { Ran, StepTask } from "../../model/task.ts";

/** How a worker thread came to its end: it could not serve, an error that nobody caught, `process.exit`, or by its owner. */
export type ThreadEnd =
  | { readonly how: "unfit"; readonly error: Failure }
  | { readonly how: "error"; readonly error: unknown }
  | { readonly how: "exit"; readonly exitCode: number }
  | { readonly how: "timeout"; readonly timeoutMs: number; readonly graceMs: number }
  | { readonly how: "abort"; readonly reason: string };

/** The end of the attempt that a thread was at when it died. */
export function diedWith(task: StepTask, end: ThreadEnd, place: Place, startedAt: number): Ran {
  const span = { startedAt, endedAt: Date.now(), place };
  if (end.how === "abort")
    return { outcome: { status: "stopped", reason: `${end.reason} (it did not watch its signal, so its thread was ended)` }, span };
  return { outcome: { status: "failed", error: { ...failureOfEnd(task.key.id, end), step: task.key.id } }, span };
}

/** The end of a task whose turn came when its batch had been given up. */
export function neverStarted(reason: string, place: Place): Ran {
  const now = Date.now();
  return { outcome: { status: "cancelled", reason }, span: { startedAt: now, endedAt: now, place } };
}

function failureOfEnd(id: string, end: Exclude<ThreadEnd, { readonly how: "abort" }>): Failure {
  switch (end.how) {
    case "unfit":
      return end.error;
    case "timeout": {
      const late = `still ran ${formatDuration(end.graceMs)} after its timeout of ${formatDuration(end.timeoutMs)}`;
      return failure("step_timeout", `step ${id} ${late}, so its thread was ended: let it watch its signal, or give it more time`);
    }
    case "exit":
      return failure(
        "step_process_died",
        `step ${id} ended its worker thread with exit code ${end.exitCode}: a step must not call process.exit()`,
      );
    case "error": {
      if (isOutOfMemory(end.error)) {
        const advice = "let it hold less at once, or run it isolated with resources: { memoryMb: … }";
        return failure("step_out_of_memory", `step ${id} ran out of memory in its worker thread: ${advice}`);
      }
      const cause = failureOf(end.error);
      return { ...failure("step_process_died", `the worker thread of step ${id} died of an uncaught error: ${cause.message}`), cause };
    }
  }
}

function failure(code: ErrorCode, message: string): Failure {
  return { name: "SkeinError", code, message };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
