import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSqsClient } from "../../src/adapters/aws/sqs-client.ts";
import { SqsDelayQueue } from "../../src/adapters/aws/sqs-delay-queue.ts";
import type { TurnMessage } from "../../src/adapters/aws/lambda-message.ts";
import type { CountedClient } from "../../src/adapters/aws/request-count.ts";
import { makeRunId } from "../../src/model/id.ts";
import { fresh } from "../contracts/state-store/samples.ts";
import { serviceError } from "./dynamodb-state-faults.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";
const now = 1_764_000_000_000;
const clock = { now: () => now };
const message: TurnMessage = { v: 1, kind: "turn", wake: { v: 1, run: makeRunId(now, "aaaaaaaaaa"), reason: "timer" } };
const to = "arn:aws:lambda:us-east-1:000000000000:function:orchestrator:7";

/** A queue whose requests fail; `inputs`: what was asked for. */
function aQueue(error = new Error("far enough")): { readonly queue: SqsDelayQueue; readonly inputs: readonly object[] } {
  const inputs: object[] = [];
  const onClient = (client: CountedClient) =>
    client.middlewareStack.add(
      () => async (args) => {
        inputs.push(args.input);
        throw error;
      },
      { name: "answering", step: "initialize" },
    );
  return { queue: new SqsDelayQueue({ queue: "http://127.0.0.1:1/q", clock, region: "us-east-1", onClient }), inputs };
}

async function secondsAsked(delayMs: number): Promise<unknown> {
  const { queue, inputs } = aQueue();
  await queue.send(message, to, delayMs).catch(() => undefined);
  return inputs[0] !== undefined && "DelaySeconds" in inputs[0] ? inputs[0].DelaySeconds : undefined;
}

describe("delay queue", () => {
  test.each([
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [899_999, 900],
    [900_001, 900],
    [86_400_000, 900],
    [0, 0],
    [-5, 0],
  ])("%i ms are %i seconds of SQS, never less and at most its 15 minutes", async (delayMs, seconds) => {
    expect(await secondsAsked(delayMs)).toBe(seconds);
  });

  test.each([
    ["QueueDoesNotExist", "deploy the stack"],
    ["AccessDenied", "sqs:SendMessage"],
    ["RequestThrottled", "trying again later"],
  ])("%s becomes an error that names the queue and helps", async (name, help) => {
    const { queue } = aQueue(serviceError(name));
    await expect(queue.send(message, to, 5)).rejects.toMatchObject({
      code: "operator_unavailable",
      message: expect.stringMatching(new RegExp(`http://127.0.0.1:1/q.*${name}.*${help}`)),
    });
  });

  test("a message above what SQS takes is refused before it is sent", async () => {
    const { queue, inputs } = aQueue();
    await expect(queue.send(message, "x".repeat(1_048_600), 5)).rejects.toMatchObject({ code: "task_too_large" });
    expect(inputs).toEqual([]);
  });
});

describe.skipIf(endpoint === undefined)(`delay queue against a server${reason}`, () => {
  const client = makeSqsClient();
  let url = "";
  beforeAll(async () => {
    ({ QueueUrl: url = "" } = await client.send(new CreateQueueCommand({ QueueName: fresh("delays") })));
  });
  afterAll(async () => {
    await client.send(new DeleteQueueCommand({ QueueUrl: url }));
    client.destroy();
  });

  async function received(): Promise<unknown> {
    const { Messages: [first] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 10 }));
    return JSON.parse(first?.Body ?? "null");
  }

  test("holds a message until its time, and again one that comes too early", async () => {
    const queue = new SqsDelayQueue({ queue: url, clock });
    const began = performance.now();
    await queue.send(message, to, 1_500);
    const delayed = { v: 1, kind: "delayed", dueAt: now + 1_500, to, message } as const;
    expect(await received()).toEqual(delayed);
    expect(performance.now() - began).toBeGreaterThan(1_400);
    await queue.again({ ...delayed, dueAt: now });
    expect(await received()).toEqual({ ...delayed, dueAt: now });
    queue.close();
  });
});
