import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { variables } from "../handlers/env.ts";
import { acknowledge, acknowledgeWildcard } from "./acknowledged.ts";
import { ArtifactBucket } from "./artifact-bucket.ts";
import type { CloudFunction } from "./cloud-function.ts";
import { MessageQueue } from "./message-queue.ts";
import { StateTable } from "./state-table.ts";

export interface StoresProps {
  readonly encryptionKey?: IKey;
  readonly removalPolicy: RemovalPolicy;
  readonly relayTimeout: Duration;
  readonly artifactsExpireAfter: Duration;
}

const anyArtifact = "Artifacts lie under keys that runs make, below one bucket that holds nothing else.";

/** What outlives the functions: one table, one bucket, one queue. */
export class Stores extends Construct {
  readonly table: StateTable;
  readonly bucket: ArtifactBucket;
  readonly messages: MessageQueue;

  constructor(scope: Construct, id: string, { removalPolicy, relayTimeout, artifactsExpireAfter: expireAfter, ...keyed }: StoresProps) {
    super(scope, id);
    this.table = new StateTable(this, "State", { ...keyed, removalPolicy });
    this.bucket = new ArtifactBucket(this, "Artifacts", { ...keyed, expireAfter, removalPolicy });
    this.messages = new MessageQueue(this, "Messages", { ...keyed, consumerTimeout: relayTimeout });
    acknowledge(
      this.bucket.bucket,
      "S1",
      "Only the functions' roles reach it; who wants each access on record has CloudTrail's data events, at no object for each.",
    );
  }

  /** Where functions find the stores. */
  get environment(): Readonly<Record<string, string>> {
    return {
      [variables.table]: this.table.table.tableName,
      [variables.bucket]: this.bucket.bucket.bucketName,
      [variables.queue]: this.messages.queue.queueUrl,
    };
  }

  /** What turns and steps need, and who tells runs of those that died. */
  grantAll({ role }: CloudFunction): void {
    this.table.grantReadWrite(role);
    this.bucket.grantReadWrite(role);
    this.messages.grantSend(role);
    acknowledgeWildcard(role, this.bucket.bucket, "/*", anyArtifact);
  }

  /** What showing, starting and stopping runs needs: artifacts are made by steps alone. */
  grantControl({ role }: CloudFunction): void {
    this.table.grantReadWrite(role);
    this.bucket.grantRead(role);
    this.messages.grantSetAside(role);
    acknowledgeWildcard(role, this.bucket.bucket, "/*", anyArtifact);
  }

  /** What finding runs needs. */
  grantLook({ role }: CloudFunction): void {
    this.table.grantRead(role);
  }
}
