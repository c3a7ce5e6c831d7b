import type { ArtifactRef } from "./artifact.ts";
import type { Failure, Metadata } from "./failure.ts";
import type { RunId, StepRunId } from "./id.ts";
import type { Place } from "./place.ts";

export type Refs = Readonly<Record<string, ArtifactRef>>;

/** How an attempt, or a step run that never started, ended. */
export type Outcome =
  | { readonly status: "completed"; readonly outputs: Refs; readonly metadata?: Metadata }
  | {
      readonly status: "cached";
      readonly outputs: Refs;
      readonly metadata?: Metadata;
      readonly origin: { readonly run: RunId; readonly step: StepRunId };
    }
  /** `partial`: of a failed map, what its other items gave: list artifacts of those that succeeded, and the list of the failures. */
  | {
      readonly status: "failed";
      readonly error: Failure;
      readonly metadata?: Metadata;
      readonly partial?: { readonly outputs: Refs; readonly failures: ArtifactRef };
    }
  /** Never started: what it depends on failed, or the run was over for it. */
  | { readonly status: "skipped" | "cancelled"; readonly reason: string; readonly upstream?: StepRunId }
  /** Ended early by a stop request or `cancel()`. */
  | { readonly status: "stopped"; readonly reason: string };

/** What is known of an attempt beside how it ended. */
export interface Span {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly place: Place;
}

/** The artifacts that an outcome has, if it went well; `partial`: those of a failed map's other items. */
export function outputsOf(outcome: Outcome | undefined, partial?: boolean): Refs | undefined {
  if (outcome === undefined) return undefined;
  if ("outputs" in outcome) return outcome.outputs;
  return partial === true && outcome.status === "failed" ? outcome.partial?.outputs : undefined;
}
