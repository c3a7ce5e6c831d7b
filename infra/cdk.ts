/**
 * The door for CDK apps: `Skein`, all that a catalogue of pipelines needs on AWS, and the constructs that hold state and artifacts.
 *
 *     const app = new App();
 *     const stack = new Stack(app, "Pipelines");
 *     new Skein(stack, "Skein", { catalogue: "pipelines.ts" });
 *
 * It needs `aws-cdk-lib`, `constructs` and `esbuild`, which who uses only `skein` does not install, and bundles the AWS SDK's clients.
 */
export type { AlarmsProps } from "./alarms.ts";
export { ArtifactBucket } from "./artifact-bucket.ts";
export type { ArtifactBucketProps } from "./artifact-bucket.ts";
export type { BundlingOptions } from "./bundle.ts";
export type { BundledFiles } from "./bundled-files.ts";
export type { HttpApiAuth, Throttle } from "./http-api.ts";
export type { OrchestratorSize } from "./orchestrator.ts";
export type { PipelineSchedule } from "./scheduled-start.ts";
export { Skein } from "./skein.ts";
export type { SkeinProps } from "./skein-props.ts";
export { StateTable } from "./state-table.ts";
export type { StateTableProps } from "./state-table.ts";
export type { StepOperatorSize } from "./step-operators.ts";
