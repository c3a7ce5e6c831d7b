// What the API's schemas describe is what it answers: the resources, field by field.
import type { z } from "zod";
import type * as schemas from "../../src/api/resource-schemas.ts";
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
  : { [K in keyof T]-?: undefined extends Partial<T>[K] & T[K] ? ["optional", Marked<Exclude<T[K], undefined>>] : [Marked<T[K]>] };
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
declare function same<_ extends true>(): void;
type Described<Name extends keyof typeof schemas> = Marked<z.output<(typeof schemas)[Name]>>;

same<Same<Described<"run">, Marked<RunResource>>>();
same<Same<Described<"stepRun">, Marked<StepRunResource>>>();
same<Same<Described<"map">, Marked<MapResource>>>();
same<Same<Described<"artifact">, Marked<ArtifactResource>>>();
same<Same<Described<"artifactDetail">, Marked<ArtifactDetail>>>();
same<Same<Described<"version">, Marked<VersionResource>>>();
same<Same<Described<"versionPage">, Marked<VersionPage>>>();
same<Same<Described<"runReport">, Marked<RunReport>>>();
same<Same<Described<"runDetail">, Marked<RunDetail>>>();
same<Same<Described<"runPage">, Marked<RunPage>>>();
same<Same<Described<"stepPage">, Marked<StepPage>>>();
same<Same<Described<"logLine">, Marked<LogLine>>>();
same<Same<Described<"logPage">, Marked<LogPage>>>();
same<Same<Described<"graph">, Marked<GraphResource>>>();
same<Same<Described<"pipeline">, Marked<PipelineResource>>>();
same<Same<Described<"pipelineList">, Marked<{ pipelines: PipelineResource[] }>>>();
same<Same<Described<"plan">, Marked<PlanResource>>>();
same<Same<Described<"problem">, Marked<ProblemResource>>>();
// Here are its fields.
type Plain = "name" | "message" | "code" | "step";
same<Same<Marked<Pick<z.output<typeof schemas.error>, Plain>>, Marked<Pick<ErrorResource, Plain>>>>();
same<Same<keyof z.output<typeof schemas.error>, keyof ErrorResource>>();
