import type { LogLevel } from "./event.ts";
import type { Metadata } from "./failure.ts";
import type { RunId, StepRunId } from "./id.ts";

/** A line that a step (or, without `step`, the pipeline function) logged. */
export interface LogRecord {
  readonly run: RunId;
  readonly step?: StepRunId;
  readonly attempt?: number;
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields?: Metadata;
}
