import type { OperatorTarget } from "../src/adapters/aws/lambda-message.ts";

/** Environment variables of the functions: set by `infra/`, read here and nowhere else. */
export const variables = {
  /** Name of the table of state. */
  table: "SKEIN_TABLE",
  /** Name of the bucket of artifacts. */
  bucket: "SKEIN_BUCKET",
  /** URL of the queue that holds delays and takes notes of failed invocations. */
  queue: "SKEIN_QUEUE_URL",
  /** Qualified ARN of the orchestrator's version that new runs are pinned to; not in the orchestrator itself. */
  orchestrator: "SKEIN_ORCHESTRATOR",
  /** JSON of `OperatorTarget[]`: the step operators' versions that belong to this version of the code. */
  operators: "SKEIN_OPERATORS",
  /** JSON of the names of the functions whose logs are those of runs: the orchestrator's first. */
  loggers: "SKEIN_LOGGERS",
  /** How long a run's rows stay after its end, milliseconds. */
  retentionMs: "SKEIN_RETENTION_MS",
  /** How long a turn lingers for outcomes before it suspends, milliseconds. */
  hotWaitMs: "SKEIN_HOT_WAIT_MS",
  /** Text outputs up to this many bytes stay in the outcome's row. */
  inlineValues: "SKEIN_INLINE_VALUES",
  /** An event that nobody has claimed after this many milliseconds counts as lost. */
  lostAfterMs: "SKEIN_LOST_AFTER_MS",
  /** First look of the sweeper at a run, and the least time between two, milliseconds. */
  sweepMs: "SKEIN_SWEEP_MS",
  /** The largest step operators, in MB, whose finisher of the only outstanding step takes the next turn itself: a turn costs more in them. */
  baton: "SKEIN_BATON",
  /** Versions that no run needs are removed this long after their successor was published, milliseconds. */
  keepVersionsMs: "SKEIN_KEEP_VERSIONS_MS",
  /** `1`: each invocation logs what it asked of AWS, for measurements. */
  countRequests: "SKEIN_COUNT_REQUESTS",
} as const;

/** What a function is told by its environment. */
export interface Environment {
  readonly table: string;
  readonly bucket: string;
  readonly queue: string;
  readonly orchestrator: string | undefined;
  /** Of an emulator's S3: bucket names then go into paths, since names of hosts that it does not know do not resolve. */
  readonly s3Endpoint: string | undefined;
  readonly operators: readonly OperatorTarget[];
  readonly loggers: readonly string[];
  readonly retentionMs: number;
  readonly hotWaitMs: number;
  readonly inlineValues: number;
  readonly lostAfterMs: number;
  readonly sweepMs: number;
  /** 0: the baton is not passed. */
  readonly batonMb: number;
  readonly keepVersionsMs: number;
  readonly countsRequests: boolean;
}

const dayMs = 86_400_000;
/** The longest that a run may take; its rows stay for the retention after that (R13). */
export const maxDurationMs = 90 * dayMs;

/** @throws Error where a variable is missing or cannot be read: the deployment is at fault, and nothing can be done without it */
export function readEnvironment(): Environment {
  return {
    table: required(variables.table),
    bucket: required(variables.bucket),
    queue: required(variables.queue),
    orchestrator: process.env[variables.orchestrator],
    s3Endpoint: process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"],
    operators: json(variables.operators, "[]") as readonly OperatorTarget[],
    loggers: json(variables.loggers, "[]") as readonly string[],
    retentionMs: whole(variables.retentionMs, 90 * dayMs),
    hotWaitMs: whole(variables.hotWaitMs, 0),
    inlineValues: whole(variables.inlineValues, 0),
    lostAfterMs: whole(variables.lostAfterMs, 360_000),
    sweepMs: whole(variables.sweepMs, 60_000),
    batonMb: whole(variables.baton, 0),
    keepVersionsMs: whole(variables.keepVersionsMs, dayMs),
    countsRequests: process.env[variables.countRequests] === "1",
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`The environment variable ${name} is not set: deploy the function with Skein's construct.`);
  return value;
}

function whole(name: string, byDefault: number): number {
  const text = process.env[name];
  if (text === undefined) return byDefault;
  if (!/^\d+$/.test(text)) throw new Error(`The environment variable ${name} is "${text}", which is no whole number.`);
  return Number(text);
}

function json(name: string, byDefault: string): unknown {
  const text = process.env[name] ?? byDefault;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`The environment variable ${name} holds no JSON.`, { cause });
  }
}
