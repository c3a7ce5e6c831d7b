import { logTo, type Log } from "../define/log.ts";
import type { StepContext } from "../define/step-context.ts";
import type { StepTask } from "../model/task.ts";
import type { AttemptLog } from "./attempt-log.ts";
import type { Deadline } from "./deadline.ts";
import type { StepMetadata } from "./step-metadata.ts";

/** The second parameter of a step function in a run; what it seldom asks for is made when it does. */
export function contextOf(
  task: StepTask,
  parts: { readonly log: AttemptLog; readonly deadline: Deadline; readonly metadata: StepMetadata },
): StepContext<string> {
  const { deadline, metadata } = parts;
  let log: Log | undefined;
  return {
    get log() {
      return (log ??= logTo(parts.log.write));
    },
    get signal() {
      return deadline.signal;
    },
    attempt: task.key.attempt,
    step: { id: task.key.id, name: task.step },
    run: { id: task.key.run, pipeline: task.pipeline },
    metadata: (values, options) => metadata.add(values, options?.output),
    remainingMs: () => deadline.remainingMs(),
  };
}
