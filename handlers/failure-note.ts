import { costByOutage } from "../src/execute/outage.ts";
import type { ErrorCode } from "../src/model/error-code.ts";
import type { Failure } from "../src/model/failure.ts";
import type { StepTask } from "../src/model/task.ts";
import type { FailureNote } from "./messages.ts";
import { unavailable } from "./passing.ts";

/** How the function died that a note tells of. */
export function deathOf(note: FailureNote, task?: StepTask): Failure | "never ran" {
  const { functionError } = note.responseContext ?? {};
  if (functionError === undefined || functionError === null) return "never ran";
  const { errorType = "", errorMessage = "" } = note.responsePayload ?? {};
  if (task === undefined) return { name: errorType === unavailable ? unavailable : "SkeinError", message: errorMessage };
  const code = codeOf(errorType, errorMessage, task);
  const cost = errorType === unavailable ? costByOutage(task.key.attempt) : {};
  const what = `The step operator's function ended before step ${task.key.id} (attempt ${task.key.attempt}) did`;
  return { name: "SkeinError", code, ...cost, message: `${what}: ${errorType === "" ? "" : `${errorType}: `}${errorMessage}` };
}

/** Lambda's names for how a sandbox ends; older runtimes say some of it in the message only. */
function codeOf(type: string, message: string, { policy }: StepTask): ErrorCode {
  if (policy.delivery === "at_most_once") return "step_interrupted";
  if (type === unavailable) return "step_lost";
  if (type === "Sandbox.Timedout" || /Task timed out after/.test(message)) return "step_timeout";
  if (type === "Runtime.OutOfMemory" || /signal: killed|out of memory/i.test(message)) return "step_out_of_memory";
  return "step_process_died";
}
