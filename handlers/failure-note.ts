import { costByOutage } from "../src/execute/outage.ts";
import type { ErrorCode } from "../src/model/error-code.ts";
import type { Failure } from "../src/model/failure.ts";
import { maxCrashes } from "../src/engine/turn.ts";
import type { StepTask, Wake } from "../src/model/task.ts";
import type { FailureNote } from "./messages.ts";
import { refused, tellsOfOutage } from "./passing.ts";

/** A service that could not be reached gets this long before the next try. */
const pauseMs = 15_000;
/** Nothing that crashes again and again may do so in a hot loop. */
const longPauseMs = 300_000;

/** A wake that follows on a turn whose invocation has failed. */
export interface NextTurn {
  readonly wake: Wake;
  readonly delayMs: number;
}

/** What the run of that turn can be asked for. */
export interface FailedRun {
  readonly crashes: () => Promise<number>;
  /** Whether the head of its journal is a lease of this invocation's, which keeps others away. */
  readonly isHeldBy: (invocation: string) => Promise<boolean>;
}

/**
 * The turn that is to follow on one that has failed (R5). Undefined: the sweeper's comes again by itself each minute, until one has
 * succeeded; each repetition would be one more of them that goes on beside the others for as long as a service is away.
 */
export async function nextTurn(wake: Wake, note: FailureNote, run: FailedRun): Promise<NextTurn | undefined> {
  const isSweep = wake.reason === "sweep";
  if (neverRan(note)) return isSweep ? undefined : { wake, delayMs: 0 };
  const { requestId } = note.requestContext;
  const { errorType = "", errorMessage = "" } = note.responsePayload ?? {};
  const next = { v: 1, run: wake.run, dead: requestId } as const;
  if (errorType === refused || tellsOfOutage(errorType, errorMessage))
    return isSweep && !(await run.isHeldBy(requestId)) ? undefined : { wake: { ...next, reason: "continue" }, delayMs: pauseMs };
  const crash = { ...next, reason: "crash" } as const;
  if ((await run.crashes()) < maxCrashes) return { wake: crash, delayMs: 0 };
  // The turn that was to end the run has crashed too.
  return isSweep ? undefined : { wake: crash, delayMs: longPauseMs };
}

function neverRan({ responseContext }: FailureNote): boolean {
  return (responseContext?.functionError ?? undefined) === undefined;
}

/** How the step operator's function died that a note tells of. */
export function deathOf(note: FailureNote, task: StepTask): Failure | "never ran" {
  if (neverRan(note)) return "never ran";
  const { errorType = "", errorMessage = "" } = note.responsePayload ?? {};
  const code = codeOf(errorType, errorMessage, task);
  const cost = tellsOfOutage(errorType, errorMessage) ? costByOutage(task.key.attempt) : {};
  const what = `The step operator's function ended before step ${task.key.id} (attempt ${task.key.attempt}) did`;
  return { name: "SkeinError", code, ...cost, message: `${what}: ${errorType === "" ? "" : `${errorType}: `}${errorMessage}` };
}

/** Lambda's names for how a sandbox ends; older runtimes say some of it in the message only. */
function codeOf(type: string, message: string, { policy }: StepTask): ErrorCode {
  if (policy.delivery === "at_most_once") return "step_interrupted";
  if (tellsOfOutage(type, message)) return "step_lost";
  if (type === "Sandbox.Timedout" || /Task timed out after/.test(message)) return "step_timeout";
  if (type === "Runtime.OutOfMemory" || /signal: killed|out of memory/i.test(message)) return "step_out_of_memory";
  return "step_process_died";
}
