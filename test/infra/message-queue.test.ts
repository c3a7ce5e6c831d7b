import { Duration, type Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { MessageQueue } from "../../infra/message-queue.ts";
import { resources } from "./skein-template.ts";
import { actionsOn, aFunctionsRole, arnOf, grantedIn, templateOf } from "./template.ts";

const consumerTimeout = Duration.seconds(20);
const template = templateOf((stack) => new MessageQueue(stack, "Messages", { consumerTimeout }));
const withKey = (stack: Stack) => new MessageQueue(stack, "Messages", { consumerTimeout, encryptionKey: new Key(stack, "Key") });

function queuesIn(of: Template) {
  const [deadLetters, queue] = Object.entries(resources(of, "AWS::SQS::Queue")).toSorted(
    ([a], [b]) => Number(b.includes("Dead")) - Number(a.includes("Dead")),
  );
  if (deadLetters === undefined || queue === undefined) throw new Error("there are not two queues");
  return { queue: { id: queue[0], ...queue[1] }, deadLetters: { id: deadLetters[0], ...deadLetters[1] } };
}

describe("the message queue", () => {
  const { queue, deadLetters } = queuesIn(template);

  it("hides a message for six times as long as its consumer may take", () => {
    expect(queue.Properties).toMatchObject({ VisibilityTimeout: 120 });
  });

  it("puts a message aside that failed five times, and keeps it for 14 days", () => {
    const deadLetterTargetArn = { "Fn::GetAtt": [deadLetters.id, "Arn"] };
    expect(queue.Properties).toMatchObject({ RedrivePolicy: { deadLetterTargetArn, maxReceiveCount: 5 } });
    expect(deadLetters.Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
  });

  it("encrypts its messages, by itself or with the key that it is given", () => {
    for (const { Properties } of [queue, deadLetters]) expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
    const keyed = templateOf(withKey);
    const key = arnOf(keyed, "AWS::KMS::Key");
    for (const { Properties } of Object.values(queuesIn(keyed))) expect(Properties).toMatchObject({ KmsMasterKeyId: key });
  });

  it("refuses requests without TLS, of both queues", () => {
    const policies = Object.values(resources(template, "AWS::SQS::QueuePolicy"));
    expect(policies.map(({ Properties }) => Properties)).toEqual(
      [deadLetters, queue].map(({ id }) =>
        expect.objectContaining({
          Queues: [{ Ref: id }],
          PolicyDocument: expect.objectContaining({
            Statement: [
              expect.objectContaining({
                Effect: "Deny",
                Action: "sqs:*",
                Principal: { AWS: "*" },
                Condition: { Bool: { "aws:SecureTransport": "false" } },
              }),
            ],
          }),
        }),
      ),
    );
  });
});

describe("a function that may use the queue", () => {
  it.each([
    ["send", (queue: MessageQueue) => queue.grantSend, ["sqs:SendMessage"], ["kms:Decrypt", "kms:GenerateDataKey"], "queue"],
    [
      "take messages out",
      (queue: MessageQueue) => queue.grantConsume,
      ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
      ["kms:Decrypt"],
      "queue",
    ],
    [
      "put events aside",
      (queue: MessageQueue) => queue.grantSetAside,
      ["sqs:SendMessage"],
      ["kms:Decrypt", "kms:GenerateDataKey"],
      "deadLetters",
    ],
  ] as const)("may %s, and nothing else", (_, grantOf, actions, onKey, which) => {
    const granted = templateOf((stack) => {
      const queue = withKey(stack);
      grantOf(queue).call(queue, aFunctionsRole(stack));
    });
    const statements = grantedIn(granted);
    expect(actionsOn("sqs", statements)).toEqual(actions);
    expect(actionsOn("kms", statements)).toEqual(onKey);
    expect(statements.map(({ Resource }) => Resource)).toEqual([
      { "Fn::GetAtt": [queuesIn(granted)[which].id, "Arn"] },
      arnOf(granted, "AWS::KMS::Key"),
    ]);
  });
});
