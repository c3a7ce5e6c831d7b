import type { Usage } from "./usage.ts";

/**
 * US dollars, us-east-1, on demand, without free tiers; as AWS's price pages had them in November 2026:
 * https://aws.amazon.com/dynamodb/pricing/on-demand/, …/lambda/pricing/, …/s3/pricing/, …/sqs/pricing/, …/api-gateway/pricing/,
 * …/cloudwatch/pricing/, …/eventbridge/pricing/.
 */
export const prices = {
  /** For a million. */
  million: {
    writeUnit: 0.625,
    readUnit: 0.125,
    /** Of Lambda, whatever asked for it. */
    invocation: 0.2,
    put: 5,
    get: 0.4,
    /** Of SQS, standard queues: sends, receives, also empty ones, and deletions. */
    queueRequest: 0.4,
    /** Of a REST API. */
    apiRequest: 3.5,
  },
  /** For a GB-second of Lambda on arm64. */
  gbSecond: 0.000_013_333_4,
  /** For a GB into CloudWatch Logs. */
  logGb: 0.5,
  /** For a month of one. */
  month: {
    alarm: 0.1,
    /** Of rows in DynamoDB (standard class), and of their point-in-time recovery. */
    rowGb: 0.25,
    recoveryGb: 0.2,
    /** Of objects in S3 Standard, and of logs. */
    objectGb: 0.023,
    logGb: 0.03,
  },
} as const;

/** How long the engine computes, for lack of a measurement on AWS: the emulator's durations say nothing about Lambda's. */
const assumed = { memoryGb: 0.5, turnMs: 50, stepMs: 30 } as const;

/** A message that is delayed is sent, received and deleted. */
const requestsPerMessage = 3;

/** Dollars for a million of what took this. */
export interface Price {
  /** To DynamoDB, Lambda and SQS. */
  readonly requests: number;
  /** Of turns and of what operators do beside the step's own function. */
  readonly compute: number;
  readonly s3: number;
  readonly logs: number;
}

export function priceOf({ writeUnits, readUnits, invokes, messages, puts, gets, turns, wakes, steps, logBytes }: Usage): Price {
  const { million } = prices;
  return {
    requests:
      writeUnits * million.writeUnit +
      readUnits * million.readUnit +
      invokes * million.invocation +
      messages * requestsPerMessage * million.queueRequest,
    compute: computeUsd(Math.max(turns, wakes) * assumed.turnMs + steps * assumed.stepMs),
    s3: puts * million.put + gets * million.get,
    logs: ((logBytes * 1e6) / 1e9) * prices.logGb,
  };
}

/** Dollars for a million times so many milliseconds of a function. */
function computeUsd(ms: number): number {
  return (ms / 1_000) * assumed.memoryGb * prices.gbSecond * 1e6;
}
