import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { clientConfig } from "./client-config.ts";
import type { ClientOptions } from "./client-config.ts";

/** The client of one environment. The SDK repeats what is throttled or breaks: messages are few, and a doubled one does no harm. */
export function makeSqsClient(options: ClientOptions = {}): SQSClient {
  const client = new SQSClient(clientConfig(options, { maxAttempts: 6, requestTimeout: 10_000, maxSockets: 50 }));
  options.onClient?.(client);
  return client;
}

export async function sendMessage(client: SQSClient, queue: string, body: string, delaySeconds: number): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body, DelaySeconds: delaySeconds }));
}
