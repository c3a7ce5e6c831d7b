/** The authoring door: what pipelines are written with, and how they are started from code. */
export { step } from "./define/step.ts";
export { pipeline } from "./define/pipeline.ts";
export { unmapped } from "./define/call-input.ts";
export { artifact, bytes, file, items, text } from "./define/artifact-schema.ts";
export { materializer } from "./define/custom-materializer.ts";
export { start } from "./client/start.ts";
export { PermanentError, RetryAfter, SkeinError } from "./model/error.ts";

export type { Step, StepOptions } from "./define/step.ts";
export type { StepSettings } from "./define/step-settings.ts";
export type { StepContext } from "./define/step-context.ts";
export type { Log } from "./define/log.ts";
export type { Pipeline, PipelineOptions } from "./define/pipeline.ts";
export type { PipelineResult } from "./define/pipeline-result.ts";
export type { RunContext } from "./define/run-context.ts";
export type { CallOptions, MapOptions } from "./define/call-options.ts";
export type { Fields, Input, MapFields, Nothing, Unmapped } from "./define/call-input.ts";
export type {
  Artifact,
  Artifacts,
  Awaitable,
  Call,
  Each,
  Future,
  FutureOf,
  Futures,
  Handle,
  ItemFailure,
  Items,
  List,
  MapOf,
  Outputs,
  Ref,
  ResultOf,
  StepStatus,
  ValueOf,
} from "./define/future.ts";
export type { Schema } from "./define/schema.ts";
export type { FileSource, StoredFile } from "./define/stored-file.ts";
export type { MaterializerOptions, ValueMaterializer } from "./define/custom-materializer.ts";
export type { ArtifactReader, Materializer, Savable } from "./define/materializer.ts";
export type { StartOptions } from "./client/start.ts";
export type { Run } from "./client/started-run.ts";
export type { Duration } from "./model/duration.ts";
export type { ErrorCode } from "./model/error-code.ts";
export type { Json, Metadata } from "./model/failure.ts";
