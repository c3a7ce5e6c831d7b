import type { LogRecord } from "../model/log.ts";
import type { RunId, StepRunId } from "../model/id.ts";

/** Takes lines as they are logged. Losing the last lines of a killed process is allowed, mixing those of two attempts is not. */
export interface LogSink {
  write(records: readonly LogRecord[]): void;
  /** Resolves when all that was written can be read. */
  flush(): Promise<void>;
}

/** `cursor`: continue after what was read, for `--follow`. */
export interface LogReader {
  read(
    run: RunId,
    query?: { readonly step?: StepRunId; readonly attempt?: number; readonly cursor?: string },
  ): Promise<{ readonly records: readonly LogRecord[]; readonly cursor: string }>;
}
