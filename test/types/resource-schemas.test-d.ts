// What the API's schemas describe is what it answers: the resources, field by field.
import type { z } from "zod";
import type {
  artifact,
  artifactDetail,
  error,
  graph,
  logLine,
  logPage,
  map,
  pipeline,
  pipelineList,
  plan,
  problem,
  run,
  runDetail,
  runPage,
  runReport,
  stepPage,
  stepRun,
  version,
  versionPage,
} from "../../src/api/resource-schemas.ts";
import type { ArtifactDetail, VersionPage } from "../../src/api/artifact-operations.ts";
import type { ProblemResource } from "../../src/api/problem.ts";
import type { LogPage } from "../../src/observe/logs.ts";
import type { PipelineResource } from "../../src/observe/pipeline-resource.ts";
import type { PlanResource } from "../../src/observe/plan-resource.ts";
import type {
  ArtifactResource,
  ErrorResource,
  GraphResource,
  LogLine,
  MapResource,
  RunDetail,
  RunPage,
  RunReport,
  RunResource,
  StepPage,
  StepRunResource,
  VersionResource,
} from "../../src/observe/resources.ts";

/** Written out, with optional fields marked so that none can be left out; an error, which may hold others, is only told to be one. */
type Marked<T> = unknown extends T ? "unknown" : "stack" extends keyof T ? "error" : T extends object ? Fields<T> : T;
type Fields<T> = T extends readonly (infer Item)[]
  ? readonly Marked<Item>[]
  : { [K in keyof T]-?: undefined extends T[K] ? ["optional", Marked<Exclude<T[K], undefined>>] : [Marked<T[K]>] };
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
declare function same<_ extends true>(): void;
type Described<Schema extends z.ZodType> = Marked<z.output<Schema>>;

same<Same<Described<typeof run>, Marked<RunResource>>>();
same<Same<Described<typeof stepRun>, Marked<StepRunResource>>>();
same<Same<Described<typeof map>, Marked<MapResource>>>();
same<Same<Described<typeof artifact>, Marked<ArtifactResource>>>();
same<Same<Described<typeof artifactDetail>, Marked<ArtifactDetail>>>();
same<Same<Described<typeof version>, Marked<VersionResource>>>();
same<Same<Described<typeof versionPage>, Marked<VersionPage>>>();
same<Same<Described<typeof runReport>, Marked<RunReport>>>();
same<Same<Described<typeof runDetail>, Marked<RunDetail>>>();
same<Same<Described<typeof runPage>, Marked<RunPage>>>();
same<Same<Described<typeof stepPage>, Marked<StepPage>>>();
same<Same<Described<typeof logLine>, Marked<LogLine>>>();
same<Same<Described<typeof logPage>, Marked<LogPage>>>();
same<Same<Described<typeof graph>, Marked<GraphResource>>>();
same<Same<Described<typeof pipeline>, Marked<PipelineResource>>>();
same<Same<Described<typeof pipelineList>, Marked<{ pipelines: PipelineResource[] }>>>();
same<Same<Described<typeof plan>, Marked<PlanResource>>>();
same<Same<Described<typeof problem>, Marked<ProblemResource>>>();
// Here are its fields.
type Plain = "name" | "message" | "code" | "step";
same<Same<Marked<Pick<z.output<typeof error>, Plain>>, Marked<Pick<ErrorResource, Plain>>>>();
same<Same<keyof z.output<typeof error>, keyof ErrorResource>>();
