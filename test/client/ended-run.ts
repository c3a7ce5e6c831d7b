import { hash } from "node:crypto";
import { makeRunId } from "../../src/model/id.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunOutputs } from "../../src/model/run.ts";

export const runId = makeRunId(1_700_000_000_000, "clienttest0");

/** A JSON artifact whose value lies in its reference. */
export function jsonRef(id: string, value: unknown): ArtifactRef {
  const text = JSON.stringify(value);
  const list = Array.isArray(value) ? { itemCount: value.length } : {};
  return {
    id,
    digest: hash("sha256", text),
    bytes: text.length,
    mediaType: "application/json",
    materializer: "json",
    at: { text },
    ...list,
  };
}

export function completed(id: string, outputs: Readonly<Record<string, ArtifactRef>>): RunEvent {
  return { t: "outcome", id, attempt: 1, at: 1, outcome: { status: "completed", outputs } };
}

export function returned(outputs: RunOutputs): RunEvent {
  return { t: "returned", at: 2, outputs };
}
