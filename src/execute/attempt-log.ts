import { inspect } from "node:util";
import { scope } from "../define/scope.ts";
import type { LogLevel } from "../model/event.ts";
import type { Metadata } from "../model/failure.ts";
import type { LogRecord } from "../model/log.ts";
import type { StepTask } from "../model/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { LogSink } from "../ports/log-sink.ts";
import { copyMetadata } from "./metadata-copy.ts";

/** Characters of a message, and of its fields as JSON. */
export const maxMessage = 16_384;
/** Lines of an attempt; one more says that there were more. */
export const maxLines = 10_000;

/** The lines of one attempt on their way to the sink. A sink that fails costs lines, never the step. */
export class AttemptLog {
  readonly #task: StepTask;
  readonly #clock: Clock;
  readonly #sink: LogSink;
  #lines = 0;
  #warned = false;

  constructor(task: StepTask, clock: Clock, sink: LogSink) {
    this.#task = task;
    this.#clock = clock;
    this.#sink = sink;
  }

  /** Bound, as it is handed around. */
  readonly write = (level: LogLevel, message: unknown, fields?: Metadata): void => {
    this.#lines++;
    if (this.#lines <= maxLines) this.#put(level, cut(typeof message === "string" ? message : inspect(message)), fields);
    else if (this.#lines === maxLines + 1)
      this.#put("warn", `This attempt has logged ${maxLines} lines: further ones are not kept.`, undefined);
  };

  /** Resolves when what was written can be read; at once when nothing was. */
  async flush(): Promise<void> {
    if (this.#lines === 0) return;
    try {
      await this.#sink.flush();
    } catch (error) {
      this.#warn(error);
    }
  }

  #put(level: LogLevel, message: string, fields: Metadata | undefined): void {
    const { run, id, attempt } = this.#task.key;
    const record: LogRecord = {
      run,
      step: id,
      attempt,
      at: this.#clock.now(),
      level,
      message,
      ...(fields === undefined ? {} : { fields: kept(fields) }),
    };
    try {
      // A sink may write to the console itself: outside the scope, that is no line of the step.
      scope.exit(() => this.#sink.write([record]));
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const { run, id } = this.#task.key;
    process.stderr.write(`Lines of the log of ${id} in ${run} were lost: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function cut(message: string): string {
  return message.length <= maxMessage ? message : `${message.slice(0, maxMessage)}… (${message.length - maxMessage} more characters)`;
}

/** Fields that are no JSON, or too much of it, leave a word of why. */
function kept(fields: unknown): Metadata {
  const copy = copyMetadata(fields);
  if ("problem" in copy) return { dropped: copy.problem };
  return copy.characters > maxMessage ? { dropped: `${copy.characters} characters of fields` } : copy.metadata;
}
