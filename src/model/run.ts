import type { ArtifactRef } from "./artifact.ts";
import type { Failure } from "./failure.ts";
import type { RunId, StepRunId } from "./id.ts";
import type { Totals } from "./totals.ts";

export type FailureMode = "stop_on_failure" | "fail_fast" | "continue_on_failure";
export type RunMode = "dynamic" | "static";

/** A handle that the pipeline function returned: an output, or an item of it, of a step run. */
export interface OutputPointer {
  readonly from: StepRunId;
  readonly output: string;
  readonly item?: number;
  /** Of a failed map: what its other items gave. */
  readonly partial?: true;
}

/** What the pipeline function returned: nothing, one handle, a list or a record of handles; a step run's whole outputs are a record. */
export type RunOutputs =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly value: OutputNode }
  | { readonly kind: "list"; readonly values: readonly OutputNode[] }
  | { readonly kind: "record"; readonly values: Readonly<Record<string, OutputNode | readonly OutputNode[]>> };
export type OutputNode = OutputPointer | { readonly from: StepRunId; readonly outputs: "all" };

/** The artifacts that a run ended with; one artifact is `{ output: … }`, a record keeps its names, a list its order (`output` too). */
export type RunArtifacts = Readonly<Record<string, ArtifactRef | readonly ArtifactRef[]>>;

/** The RUN item. Written at the start; at the end `ended` is added, a copy of what the journal's last entry says. */
export interface RunRecord {
  readonly v: 1;
  readonly id: RunId;
  readonly pipeline: string;
  readonly mode: RunMode;
  readonly onFailure: FailureMode;
  /** `encodeValue` of the parameters as they came in, before the schema's transforms. */
  readonly params: string;
  readonly codeVersion: string;
  readonly createdAt: number;
  readonly tags: readonly string[];
  readonly maxSteps: number;
  readonly maxTurns: number;
  readonly maxConcurrency?: number;
  /** Digest of the body that came with the idempotency key. */
  readonly idempotency?: { readonly key: string; readonly digest: string };
  /** When the sweeper looks at the run next, epoch milliseconds; absent: nothing is in flight. */
  readonly due?: number;
  /** The invocations that crashed after the journal entry `seq`. */
  readonly crashes?: { readonly seq: number; readonly invocations: readonly string[] };
  readonly ended?: RunEnd;
}

export interface RunEnd {
  readonly status: "completed" | "failed" | "stopped";
  readonly at: number;
  readonly error?: Failure;
  readonly outputs: RunArtifacts;
  readonly totals: Totals;
  readonly entries: number;
  /** When its first turn began. */
  readonly startedAt: number;
}
