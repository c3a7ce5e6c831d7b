import type { LogRecord } from "../model/log.ts";
import type { RunId, StepRunId } from "../model/id.ts";

/** Takes lines as they are logged. Losing the last lines of a killed process is allowed, mixing those of two attempts is not. */
export interface LogSink {
  write(records: readonly LogRecord[]): void;
  /** Resolves when all that was written can be read. */
  flush(): Promise<void>;
}

export interface LogReader {
  /** Records that were asked for; fewer than `limit`, or any number without one: all that there are so far. */
  read(run: RunId, query?: LogReaderQuery): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }>;
}

export interface LogReaderQuery {
  readonly step?: StepRunId;
  readonly attempt?: number;
  /** Go on after what was read: the cursor of a read with the same step and attempt. */
  readonly cursor?: string;
  /** Stop when there are so many, from 1: more may come at once, fewer only at the end. Default: all. */
  readonly limit?: number;
}
