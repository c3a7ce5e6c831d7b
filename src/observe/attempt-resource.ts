import type { Place } from "../model/place.ts";
import type { Outcome } from "../model/outcome.ts";
import { errorResource } from "./error-resource.ts";
import type { AttemptResource, PlaceResource, StepRunResource } from "./resources.ts";
import type { AttemptState } from "./step-state.ts";
import { isoTime } from "./time.ts";

/** The attempts that started: what was served from the cache, skipped, or not yet begun has none. */
export function attemptResources(
  attempts: readonly AttemptState[],
  step: Pick<StepRunResource, "runtime" | "call">,
): readonly AttemptResource[] {
  return attempts.flatMap((attempt) => {
    const status = attemptStatus(attempt);
    return status === undefined ? [] : [attemptResource(attempt, status, step)];
  });
}

function attemptResource(
  attempt: AttemptState,
  status: AttemptResource["status"],
  step: Pick<StepRunResource, "runtime" | "call">,
): AttemptResource {
  const error = attempt.outcome?.status === "failed" ? attempt.outcome.error : undefined;
  return {
    attempt: attempt.attempt,
    status,
    ...(attempt.startedAt === undefined ? {} : { startedAt: isoTime(attempt.startedAt) }),
    ...(attempt.endedAt === undefined ? {} : { endedAt: isoTime(attempt.endedAt) }),
    ranIn: attempt.place === undefined ? { kind: likelyPlace(step) } : placeResource(attempt.place),
    ...(error === undefined ? {} : { error: errorResource(error) }),
  };
}

function attemptStatus({ outcome, startedAt }: AttemptState): AttemptResource["status"] | undefined {
  if (outcome === undefined) return startedAt === undefined ? undefined : "running";
  return outcome.status === "failed" || startedAt !== undefined ? endedStatus(outcome) : undefined;
}

function endedStatus(outcome: Outcome): AttemptResource["status"] | undefined {
  switch (outcome.status) {
    case "completed":
    case "failed":
    case "stopped":
    case "cancelled":
      return outcome.status;
    case "cached":
    case "skipped":
      return undefined;
  }
}

/** Where an attempt runs that has not said so itself. */
function likelyPlace(step: Pick<StepRunResource, "runtime" | "call">): PlaceResource["kind"] {
  if (step.runtime === "isolated") return "process";
  return step.call === "sync" ? "orchestrator" : "thread";
}

function placeResource(place: Place): PlaceResource {
  return {
    kind: place.kind,
    ...(place.pid === undefined ? {} : { pid: place.pid }),
    ...(place.threadId === undefined ? {} : { threadId: place.threadId }),
    ...(place.functionName === undefined ? {} : { functionName: place.functionName }),
    ...(place.requestId === undefined ? {} : { requestId: place.requestId }),
  };
}
