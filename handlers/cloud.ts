import type { Context } from "aws-lambda";
import { makeDynamoDbClient } from "../src/adapters/aws/dynamodb-client.ts";
import { DynamoDbStateStore } from "../src/adapters/aws/dynamodb-state-store.ts";
import type { Route } from "../src/adapters/aws/lambda-message.ts";
import type { LambdaSource } from "../src/adapters/aws/lambda-invoker.ts";
import { LambdaOperator } from "../src/adapters/aws/lambda-operator.ts";
import { LambdaTurnQueue } from "../src/adapters/aws/lambda-turn-queue.ts";
import { LineLogSink } from "../src/adapters/aws/line-log-sink.ts";
import type { RequestCounter } from "../src/adapters/aws/request-count.ts";
import { S3ArtifactStore } from "../src/adapters/aws/s3-artifact-store.ts";
import { SqsDelayQueue } from "../src/adapters/aws/sqs-delay-queue.ts";
import { SystemClock } from "../src/adapters/local/system-clock.ts";
import { CryptoEntropy } from "../src/adapters/local/system-entropy.ts";
import type { TurnPorts } from "../src/engine/ports.ts";
import { requestAbort } from "../src/record/attempt.ts";
import { failureOf } from "../src/model/error.ts";
import type { Place } from "../src/model/place.ts";
import { maxDurationMs, type Environment } from "./env.ts";
import { LeftWork } from "./left-work.ts";
import { exitStatusAfter } from "./passing.ts";

/** The world as the functions of a deployment have it, once for each execution environment. */
export class Cloud {
  readonly environment: Environment;
  readonly clock = new SystemClock();
  readonly entropy = new CryptoEntropy();
  readonly logs = new LineLogSink((text, done) => process.stdout.write(text, done));
  readonly lambda: LambdaSource;
  readonly state: DynamoDbStateStore;
  readonly artifacts: S3ArtifactStore;
  readonly delays: SqsDelayQueue;
  readonly #left = new LeftWork();
  readonly #counter: RequestCounter | undefined;

  /** Counts requests where the environment asks for it: what few deployments do is no part of each cold start. */
  static async open(environment: Environment): Promise<Cloud> {
    if (!environment.countsRequests) return new Cloud(environment, undefined);
    const { RequestCounter } = await import("../src/adapters/aws/request-count.ts");
    return new Cloud(environment, new RequestCounter());
  }

  protected constructor(environment: Environment, counter: RequestCounter | undefined) {
    this.environment = environment;
    const { table, bucket, queue, retentionMs } = environment;
    this.#counter = counter;
    const watched = { onClient: this.#counter?.watch };
    this.lambda = once(async () => (await import("../src/adapters/aws/lambda-client.ts")).makeLambdaClient(watched));
    this.state = new DynamoDbStateStore({ client: makeDynamoDbClient(watched), table, retention: { maxDurationMs, retentionMs } });
    this.artifacts = new S3ArtifactStore({ bucket, endpoint: environment.s3Endpoint, ...watched });
    this.delays = new SqsDelayQueue({ queue, clock: this.clock, ...watched });
  }

  /** The ports of what runs on the functions of this route. */
  ports(route: Route): TurnPorts {
    const { clock, entropy, logs, lambda, state, artifacts, delays, environment } = this;
    const operator = new LambdaOperator({ lambda, route, delays, clock });
    return {
      state,
      artifacts,
      logs,
      clock,
      entropy,
      inlineValues: environment.inlineValues,
      lostAfterMs: environment.lostAfterMs,
      sweepMs: environment.sweepMs,
      maxDurationMs,
      outlastsOutages: true,
      onLeft: (work) => this.#left.add(work),
      operator: {
        launch: (task, delayMs) => operator.launch(task, delayMs),
        abort: (key, reason) => requestAbort(state, key, reason),
        refuses: (needs) => operator.refuses(needs),
      },
      turns: new LambdaTurnQueue({ lambda, delays, clock, targetOf: () => route.orchestrator }),
    };
  }

  /** A line for who operates the deployment, in the form of the others. */
  complain(message: string, error: unknown): void {
    process.stderr.write(`${JSON.stringify({ level: "error", message, error: failureOf(error) })}\n`);
  }

  /** Does an invocation's work. However that ends, what was logged is out after it, and nothing goes on. */
  async restAfter<T>(work: () => Promise<T>): Promise<T> {
    let exitStatus = 1;
    try {
      return await work();
    } catch (error) {
      exitStatus = exitStatusAfter(error);
      throw error;
    } finally {
      await this.#rest(exitStatus);
    }
  }

  async #rest(exitStatus: number): Promise<void> {
    if (this.#counter !== undefined) process.stdout.write(`${JSON.stringify({ kind: "requests", ...this.#counter.take() })}\n`);
    await this.logs.flush();
    await this.#left.end(exitStatus);
  }
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/** Where this invocation runs. */
export function placeOf(context: Context, kind: Place["kind"]): Place {
  return { kind, functionName: context.functionName, requestId: context.awsRequestId, logStream: context.logStreamName };
}

/** Epoch milliseconds at which Lambda ends this invocation. */
export function deadlineOf(context: Context): number {
  return Date.now() + context.getRemainingTimeInMillis();
}
