import type { ErrorCode } from "./error-code.ts";

/** What may stand in metadata, log fields and error data. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Metadata = Readonly<Record<string, Json>>;

/** An error as data: what crosses processes and is recorded. At most about 32 KB of JSON (failure-size.ts). */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Of Skein's own errors; user errors with a string `code` (as Node's have) keep it in `data`. */
  readonly code?: ErrorCode;
  readonly stack?: string;
  readonly cause?: Failure;
  /** The step run that failed, where one did. */
  readonly step?: string;
  /** The failures of an `AggregateError` or of a map's other items: the first 20, or fewer where the whole would be too large. */
  readonly errors?: readonly Failure[];
  readonly data?: Metadata;
  /** False: retrying cannot help (`PermanentError`, bad input). Undefined means true. */
  readonly retryable?: boolean;
  /** Asked for by `RetryAfter`: the next attempt comes no sooner. */
  readonly retryAfterMs?: number;
  /** The process that ran the attempt died with its orchestrator; the attempt does not count against the retries. */
  readonly interrupted?: boolean;
}
