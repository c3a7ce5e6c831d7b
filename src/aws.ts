/**
 * The door to AWS: state in one DynamoDB table, artifacts as objects of one S3 bucket.
 *
 *     const client = makeDynamoDbClient({ region: "eu-central-1" });
 *     const state = new DynamoDbStateStore({ client, table: "skein-state" });
 *     const artifacts = new S3ArtifactStore({ bucket: "skein-artifacts" });
 *
 * It needs `@aws-sdk/client-dynamodb`, `@aws-sdk/client-s3` and `@aws-sdk/lib-storage`, which who uses only `skein` does not
 * install; to sign URLs also `@aws-sdk/s3-request-presigner`, to read logs `@aws-sdk/client-cloudwatch-logs`. `skein/cdk` has the constructs that make table and bucket; `createTableRequest` and `expiryAttribute` say the same
 * to who makes the table by requests (of an emulator, in a test).
 */
export type { ClientOptions } from "./adapters/aws/client-config.ts";
export { CloudWatchLogReader } from "./adapters/aws/cloudwatch-log-reader.ts";
export type { CloudWatchLogReaderOptions } from "./adapters/aws/cloudwatch-log-reader.ts";
export { makeDynamoDbClient } from "./adapters/aws/dynamodb-client.ts";
export { countRequests, RequestCounter } from "./adapters/aws/request-count.ts";
export type { CountedClient, DynamoDbRequestCount, RequestCount } from "./adapters/aws/request-count.ts";
export { createTableRequest, expiryAttribute } from "./adapters/aws/dynamodb-schema.ts";
export { DynamoDbStateStore } from "./adapters/aws/dynamodb-state-store.ts";
export type { DynamoDbStateStoreOptions } from "./adapters/aws/dynamodb-state-store.ts";
export type { DynamoDbTableOptions } from "./adapters/aws/dynamodb-table.ts";
export type { Retention } from "./adapters/aws/dynamodb-expiry.ts";
export { S3ArtifactStore } from "./adapters/aws/s3-artifact-store.ts";
export type { S3ArtifactStoreOptions } from "./adapters/aws/s3-artifact-store.ts";
export type { S3ClientOptions } from "./adapters/aws/s3-client.ts";
