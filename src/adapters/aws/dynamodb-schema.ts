import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";

/** Attributes that are keys or that DynamoDB itself looks at; `infra` makes the table from these. */
export const partitionKey = "PK";
export const sortKey = "SK";
/** Epoch seconds after which DynamoDB removes the item (time to live). */
export const expiryAttribute = "expires";

/** Sparse indexes of keys only: an index entry costs one write unit whatever the size of its RUN item. */
export const indexes = {
  /** Runs of one pipeline and state, by time. */
  listing: { name: "listing", partitionKey: "list", sortKey: "made" },
  /** Runs with something in flight, by when the sweeper looks at them. */
  due: { name: "due", partitionKey: "dueShard", sortKey: "due" },
} as const;

/** The table with all that a request can say; time to live is switched on by a request of its own. */
export function createTableRequest(table: string): CreateTableCommandInput {
  const strings = [partitionKey, sortKey, ...Object.values(indexes).flatMap((index) => [index.partitionKey, index.sortKey])];
  return {
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: strings.map((name) => ({ AttributeName: name, AttributeType: "S" as const })),
    KeySchema: keySchema(partitionKey, sortKey),
    GlobalSecondaryIndexes: Object.values(indexes).map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index.partitionKey, index.sortKey),
      Projection: { ProjectionType: "KEYS_ONLY" as const },
    })),
  };
}

function keySchema(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: "HASH" as const },
    { AttributeName: sort, KeyType: "RANGE" as const },
  ];
}
