/**
 * The door for CDK apps: the constructs that hold Skein's state and artifacts.
 *
 *     const table = new StateTable(this, "State");
 *     const bucket = new ArtifactBucket(this, "Artifacts");
 *     table.grantReadWrite(orchestrator);
 *     bucket.grantReadWrite(orchestrator);
 *
 * It needs `aws-cdk-lib` and `constructs`, which who uses only `skein` does not install.
 */
export { ArtifactBucket } from "./artifact-bucket.ts";
export type { ArtifactBucketProps } from "./artifact-bucket.ts";
export { StateTable } from "./state-table.ts";
export type { StateTableProps } from "./state-table.ts";
