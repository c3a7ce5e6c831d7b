import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export interface MessageQueueProps {
  /** Of the function that takes messages out; one that it fails on comes again after six times as long. */
  readonly consumerTimeout: Duration;
  /** Encrypts the messages. Default: SQS's own keys. */
  readonly encryptionKey?: IKey;
}

/** A message that has failed so often is put aside. */
const maxReceives = 5;
/** The longest that SQS has: a message may have been delayed again and again, or wait for somebody to repair what it needs. */
const kept = Duration.days(14);

const reads = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
const writes = ["sqs:SendMessage"];
const keyReads = ["kms:Decrypt"];
/** SQS asks a sender for both: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html. */
const keyWrites = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * The one queue: delayed messages lie in it until their time comes, and Lambda puts notes of failed invocations there. What cannot be
 * handled ends in its dead-letter queue.
 */
export class MessageQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { consumerTimeout, encryptionKey }: MessageQueueProps) {
    super(scope, id);
    const secured = {
      enforceSSL: true,
      retentionPeriod: kept,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    };
    this.deadLetters = new Queue(this, "DeadLetters", secured);
    this.queue = new Queue(this, "Queue", {
      ...secured,
      visibilityTimeout: Duration.seconds(6 * consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives },
    });
  }

  /** Lets a function send messages, and Lambda send notes in its name. */
  grantSend(grantee: IGrantable): Grant {
    return this.#grant(grantee, this.queue, writes, keyWrites);
  }

  /** Lets Lambda take messages out for a function. */
  grantConsume(grantee: IGrantable): Grant {
    return this.#grant(grantee, this.queue, reads, keyReads);
  }

  /** Lets Lambda put aside events that a function failed on. */
  grantSetAside(grantee: IGrantable): Grant {
    return this.#grant(grantee, this.deadLetters, writes, keyWrites);
  }

  #grant(grantee: IGrantable, { queueArn, encryptionMasterKey }: Queue, actions: string[], onKey: string[]): Grant {
    const granted = Grant.addToPrincipal({ grantee, actions, resourceArns: [queueArn] });
    return encryptionMasterKey === undefined ? granted : granted.combine(encryptionMasterKey.grant(grantee, ...onKey));
  }
}
