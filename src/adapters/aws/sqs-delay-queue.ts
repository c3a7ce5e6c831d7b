import type { SQSClient } from "@aws-sdk/client-sqs";
import { SkeinError } from "../../model/error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClientOptions } from "./client-config.ts";
import type { DelayQueue } from "./delay-queue.ts";
import type { DelayedMessage, StepMessage, TurnMessage } from "./lambda-message.ts";
import { helpFor } from "./service-error.ts";

/** SQS delays by whole seconds, and no longer. */
const maxDelaySeconds = 900;
/** What SQS takes as a message: 1 MiB. */
const maxBodyBytes = 1_048_576;

const refusals: Readonly<Record<string, string>> = {
  AccessDenied: "the role may not do this; grant it sqs:SendMessage on the queue",
  AccessDeniedException: "the role may not do this; grant it sqs:SendMessage on the queue",
  QueueDoesNotExist: "there is no such queue in this account and region; deploy the stack, or correct the URL",
};

export interface SqsDelayQueueOptions extends ClientOptions {
  /** The queue's URL. */
  readonly queue: string;
  readonly clock: Pick<Clock, "now">;
}

/** Messages lie in SQS until they are due. What SQS gives back before that, since it delays 15 minutes at most, goes in again. */
export class SqsDelayQueue implements DelayQueue {
  readonly #options: SqsDelayQueueOptions;
  #client: SQSClient | undefined;

  constructor(options: SqsDelayQueueOptions) {
    this.#options = options;
  }

  /** @throws SkeinError `task_too_large`, `operator_unavailable`. */
  send(message: TurnMessage | StepMessage, to: string, delayMs: number): Promise<void> {
    return this.again({ v: 1, kind: "delayed", dueAt: this.#options.clock.now() + delayMs, to, message });
  }

  /** Puts what is not due yet into the queue again. */
  async again(delayed: DelayedMessage): Promise<void> {
    const { queue, clock } = this.#options;
    const body = JSON.stringify(delayed);
    if (Buffer.byteLength(body) > maxBodyBytes)
      throw new SkeinError("task_too_large", `a delayed message to ${delayed.to} exceeds the ${maxBodyBytes} bytes that SQS takes`);
    const seconds = Math.min(Math.max(Math.ceil((delayed.dueAt - clock.now()) / 1_000), 0), maxDelaySeconds);
    // The SDK's module is loaded with the first message: most invocations delay nothing.
    const { makeSqsClient, sendMessage } = await import("./sqs-client.ts");
    this.#client ??= makeSqsClient(this.#options);
    try {
      await sendMessage(this.#client, queue, body, seconds);
    } catch (error) {
      throw queueError(error, queue);
    }
  }

  close(): void {
    this.#client?.destroy();
    this.#client = undefined;
  }
}

function queueError(error: unknown, queue: string): unknown {
  if (error instanceof SkeinError || !(error instanceof Error)) return error;
  const help = helpFor(error, refusals) ?? "trying again later may help";
  const message = `SQS did not take a message for the queue ${queue}: ${error.name}: ${error.message}; ${help}`;
  return new SkeinError("operator_unavailable", message, { cause: error, data: { queue } });
}
