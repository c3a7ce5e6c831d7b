import type { Failure } from "../../model/failure.ts";
import type { StepTask } from "../../model/task.ts";
import { formatDuration } from "../../model/duration.ts";

/** How a child process came to its end. */
export interface ProcessEnd {
  /** It had got as far as to take tasks. */
  readonly ready: boolean;
  /** Its operator had no more use for it. */
  readonly asked: boolean;
  readonly pid: number | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last that it wrote to stderr. */
  readonly stderr: string;
  readonly memoryMb: number;
  /** The uncaught error that ended it, or why it could not be started. */
  readonly error?: Failure | undefined;
  /** Why its operator ended it. */
  readonly killed?: Killed | undefined;
}

export type Killed =
  | { readonly why: "timeout"; readonly timeoutMs: number; readonly graceMs: number }
  | { readonly why: "abort"; readonly reason: string; readonly graceMs: number }
  | { readonly why: "slow_start"; readonly afterMs: number };

/** How V8 begins its report. */
export const heapReport = "<--- Last few GCs --->";

/** Lines of stderr that a failure keeps. */
const maxLines = 20;

/** Why the task's attempt failed, as far as the death of its process tells. */
export function deathOf(task: StepTask, end: ProcessEnd): Failure {
  if (!end.ready && end.error !== undefined) return { ...end.error, step: task.key.id };
  return {
    name: "SkeinError",
    step: task.key.id,
    ...explain(task, end),
    ...(end.error === undefined ? {} : { cause: end.error }),
    data: {
      exitCode: end.exitCode,
      signal: end.signal,
      memoryMb: end.memoryMb,
      ...(end.pid === undefined ? {} : { pid: end.pid }),
      stderr: lastWords(end.stderr),
    },
  };
}

/** Of V8's own report of a full heap only its sentence. */
function lastWords(stderr: string): readonly string[] {
  const report = stderr.indexOf(heapReport);
  const fatal =
    report < 0
      ? []
      : stderr
          .slice(report)
          .split("\n")
          .filter((line) => line.startsWith("FATAL ERROR"));
  const lines = (report < 0 ? stderr : stderr.slice(0, report)).split("\n").map((line) => line.trimEnd());
  return [...lines.filter((line) => line !== ""), ...fatal].slice(-maxLines);
}

function explain(task: StepTask, end: ProcessEnd): Pick<Failure, "code" | "message"> {
  const { id } = task.key;
  const { killed } = end;
  if (killed?.why === "timeout") {
    const message = `step ${id} still ran ${formatDuration(killed.graceMs)} after its timeout of ${formatDuration(killed.timeoutMs)}, so its process was ended: let it watch its signal, or give it more time`;
    return { code: "step_timeout", message };
  }
  if (killed?.why === "abort") {
    const message = `step ${id} was asked to end (${killed.reason}) and still ran ${formatDuration(killed.graceMs)} later, so its process was ended: let it watch its signal`;
    return { code: "step_process_died", message };
  }
  if (killed?.why === "slow_start") {
    const message = `the process for step ${id} was not ready after ${formatDuration(killed.afterMs)}: the catalogue file must not wait or compute for long while it loads`;
    return { code: "step_process_died", message };
  }
  if (ranOutOfMemory(end)) {
    const message = `step ${id} ran out of memory in a process of ${end.memoryMb} MB: ask for more with resources: { memoryMb: … }, or hold less at once`;
    return { code: "step_out_of_memory", message };
  }
  if (end.error !== undefined)
    return { code: "step_process_died", message: `the process of step ${id} died of an uncaught error: ${end.error.message}` };
  return { code: "step_process_died", message: `the process of step ${id} ${howItEnded(end)}` };
}

/** V8 writes this before it aborts (SIGABRT, or exit code 134 from a shell's point of view). */
function ranOutOfMemory({ exitCode, signal, stderr }: ProcessEnd): boolean {
  return (signal === "SIGABRT" || exitCode === 134) && /heap out of memory|Allocation failed/.test(stderr);
}

function howItEnded({ exitCode, signal }: ProcessEnd): string {
  if (signal === "SIGKILL") return "was killed by SIGKILL: by somebody, or by the system because the machine ran out of memory";
  if (signal !== null) return `was killed by ${signal}`;
  if (exitCode === 0) return "exited with code 0 while the step ran: a step must not call process.exit()";
  return `exited with code ${exitCode ?? "?"} while the step ran`;
}
