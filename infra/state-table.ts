import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { Grant } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { expiryAttribute, indexes, partitionKey, sortKey } from "../src/adapters/aws/dynamodb-schema.ts";
import type { Attribute } from "aws-cdk-lib/aws-dynamodb";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";

export interface StateTableProps {
  /** Encrypts the table. Default: DynamoDB's key in this account (`aws/dynamodb`), which costs no monthly fee. */
  readonly encryptionKey?: IKey;
  /** What happens to the table when it leaves the stack. Default `RETAIN`: no deployment loses the state of runs. */
  readonly removalPolicy?: RemovalPolicy;
}

const reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
/**
 * Rows are never deleted but by expiry. A transaction needs the actions of its parts, and the batches of conditional inserts
 * are PartiQL, which has an action of its own.
 */
const writes = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLInsert"];

/** What DynamoDB does with a key for who reads, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html. */
const keyReads = ["kms:Decrypt", "kms:DescribeKey"];
/** And for who writes, named one by one: the service's own examples have wildcards here. */
const keyWrites = ["kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

/** The one table of state, as `DynamoDbStateStore` expects it: on demand, encrypted, and restorable to any second of 35 days. */
export class StateTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { encryptionKey, removalPolicy = RemovalPolicy.RETAIN }: StateTableProps = {}) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      partitionKey: string(partitionKey),
      sortKey: string(sortKey),
      timeToLiveAttribute: expiryAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
      ...(encryptionKey === undefined
        ? { encryption: TableEncryption.AWS_MANAGED }
        : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
    });
    for (const index of Object.values(indexes)) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: string(index.partitionKey),
        sortKey: string(index.sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }

  /** Lets a function read state, its indexes too, and nothing else. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grantKey(grantee, keyReads, this.#grantReads(grantee));
  }

  /** Lets a function read and write state: exactly what the store asks for, no scan and no deletion. */
  grantReadWrite(grantee: IGrantable): Grant {
    const onTable = Grant.addToPrincipal({ grantee, actions: writes, resourceArns: [this.table.tableArn] });
    return this.#grantKey(grantee, [...keyReads, ...keyWrites], this.#grantReads(grantee).combine(onTable));
  }

  #grantReads(grantee: IGrantable): Grant {
    const resourceArns = [this.table.tableArn, ...Object.values(indexes).map((index) => `${this.table.tableArn}/index/${index.name}`)];
    return Grant.addToPrincipal({ grantee, actions: reads, resourceArns });
  }

  #grantKey(grantee: IGrantable, actions: readonly string[], granted: Grant): Grant {
    const key = this.table.encryptionKey;
    return key === undefined ? granted : granted.combine(key.grant(grantee, ...actions));
  }
}

function string(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
