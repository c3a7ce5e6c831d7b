import type { RequestCount } from "../../src/adapters/aws/request-count.ts";

/** What work asks of AWS, or the difference or the average of such. */
export type Usage = Readonly<Record<Quantity, number>>;
export type Quantity = (typeof quantities)[number];

const quantities = [
  /** Requests to DynamoDB that write, and that read. */
  "writes",
  "reads",
  "writeUnits",
  "readUnits",
  /** Writes whose condition failed; they are among the others. */
  "failedConditions",
  /** Requests to S3 at the price of a PUT, and at that of a GET. */
  "puts",
  "gets",
  /** Invocations that were asked for, steps and turns alike. */
  "invokes",
  /** Messages for the queue of delays. */
  "messages",
  /** Invocations of the orchestrator and of step operators, which have ended. */
  "wakes",
  "steps",
  /** As the run counts them, wherever they were taken: a wake may find nothing to do, and with the baton operators take turns too. */
  "turns",
  "journalEntries",
  /** What these wrote to CloudWatch Logs, and Lambda about them, as it is charged; the counts themselves are left out. */
  "logBytes",
] as const;

export const nothing: Usage = usageOf(() => 0);

export function plus(...all: readonly Usage[]): Usage {
  return usageOf((quantity) => all.reduce((sum, usage) => sum + usage[quantity], 0));
}

export function times(factor: number, usage: Usage): Usage {
  return usageOf((quantity) => usage[quantity] * factor);
}

export function minus(whole: Usage, part: Usage): Usage {
  return usageOf((quantity) => whole[quantity] - part[quantity]);
}

/** What each further unit of work takes: the slope between two sizes of it, in which what a run takes anyway has no part. */
export function slope(small: Sized, large: Sized): Usage {
  return usageOf((quantity) => (large.usage[quantity] - small.usage[quantity]) / (large.size - small.size));
}

export interface Sized {
  readonly size: number;
  readonly usage: Usage;
}

export function each({ size, usage }: Sized): Usage {
  return usageOf((quantity) => usage[quantity] / size);
}

/** What a function is in a deployment. */
export type Role = "orchestrator" | "operator" | "relay" | "api" | "sweeper";

/** AWS's prices of S3 have two classes of requests; deleting is free. */
const s3Puts: ReadonlySet<string> = new Set([
  "PutObject",
  "CopyObject",
  "CreateMultipartUpload",
  "UploadPart",
  "CompleteMultipartUpload",
  "ListObjectsV2",
]);
const s3Free: ReadonlySet<string> = new Set(["DeleteObject", "DeleteObjects", "AbortMultipartUpload"]);
const dynamoDbReads: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

/** What one invocation has counted. */
export function usageOfCount({ requests, writeUnits, readUnits, failedConditions }: RequestCount): Usage {
  const usage: Record<Quantity, number> = { ...nothing, writeUnits, readUnits, failedConditions };
  const { DynamoDB = {}, S3 = {}, Lambda = {}, SQS = {} } = requests;
  for (const [operation, times] of Object.entries(DynamoDB)) usage[dynamoDbReads.has(operation) ? "reads" : "writes"] += times;
  for (const [operation, times] of Object.entries(S3)) if (!s3Free.has(operation)) usage[s3Puts.has(operation) ? "puts" : "gets"] += times;
  usage.invokes += Lambda["Invoke"] ?? 0;
  usage.messages += SQS["SendMessage"] ?? 0;
  return usage;
}

/** CloudWatch Logs adds this to each event that it takes. */
const eventBytes = 26;

/** What invocations of a function have left in its log. */
export interface LogUsage {
  readonly usage: Usage;
  /** Invocations that Lambda reports as ended, and those that told what they counted. */
  readonly reported: number;
  readonly counted: number;
}

/** Of an API's invocations only those that started a run count: the others are somebody's look at it. */
export function usageInLog(lines: readonly string[], role: Role): LogUsage {
  const counts = lines.flatMap((line) => countIn(line) ?? []).filter(({ requests }) => role !== "api" || requests["Lambda"] !== undefined);
  const reported = lines.filter((line) => line.startsWith("REPORT RequestId:")).length;
  const logged = lines.filter((line) => countIn(line) === undefined).reduce((sum, line) => sum + Buffer.byteLength(line) + eventBytes, 0);
  const ended: Usage = {
    ...nothing,
    wakes: role === "orchestrator" ? reported : 0,
    steps: role === "operator" ? reported : 0,
    logBytes: role === "api" ? 0 : logged,
  };
  return { usage: plus(ended, ...counts.map(usageOfCount)), reported, counted: counts.length };
}

function countIn(line: string): RequestCount | undefined {
  if (!line.startsWith('{"kind":"requests"')) return undefined;
  return JSON.parse(line) as RequestCount;
}

function usageOf(amount: (quantity: Quantity) => number): Usage {
  return Object.fromEntries(quantities.map((quantity) => [quantity, amount(quantity)])) as Record<Quantity, number>;
}
