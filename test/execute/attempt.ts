import { ManualClock } from "../../src/adapters/memory/manual-clock.ts";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { MemoryLogSink } from "../../src/adapters/memory/memory-log-sink.ts";
import { executeStep, type Workplace } from "../../src/execute/execute-step.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { StepTask } from "../../src/model/task.ts";
import { encodeValue } from "../../src/model/value.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";

export const run = makeRunId(1_735_689_600_000, "execute000");

/** A task for a step, with literals as its input. */
export function taskOf(step: string, input: unknown = {}, changes: Partial<StepTask> = {}): StepTask {
  return {
    v: 1,
    key: { run, id: step, attempt: 1 },
    pipeline: "tests",
    step,
    input: { literal: encodeValue(input) },
    edges: [],
    policy: {},
    ...changes,
  };
}

/** A place in memory whose time stands still. */
export function place(changes: Partial<Workplace> = {}) {
  const clock = new ManualClock();
  const logs = new MemoryLogSink();
  const stop = new AbortController();
  const workplace: Workplace = {
    artifacts: new MemoryArtifactStore(),
    clock,
    logs,
    place: { kind: "orchestrator" },
    nonce: "nonce0000000",
    until: Infinity,
    signal: stop.signal,
    inlineValues: 0,
    ...changes,
  };
  return { workplace, clock, logs, stop };
}

/** Runs a step once and gives what became of it. */
export async function outcomeOf(task: StepTask, workplace: Workplace = place().workplace): Promise<Outcome> {
  return (await executeStep(task, workplace)).outcome;
}

export function completed(outcome: Outcome): Outcome & { readonly status: "completed" } {
  if (outcome.status !== "completed") throw new Error(`the step ${outcome.status}: ${JSON.stringify(outcome)}`);
  return outcome;
}

export function failed(outcome: Outcome): (Outcome & { readonly status: "failed" })["error"] {
  if (outcome.status !== "failed") throw new Error(`the step ${outcome.status}: ${JSON.stringify(outcome)}`);
  return outcome.error;
}

/** The artifact of a step's output. */
export async function artifactFrom(task: StepTask, workplace: Workplace, output = "output"): Promise<ArtifactRef> {
  const ref = completed(await outcomeOf(task, workplace)).outputs[output];
  if (ref === undefined) throw new Error(`no output ${output}`);
  return ref;
}

export function keyOf(ref: ArtifactRef): string {
  if ("text" in ref.at) throw new Error(`${ref.id} lies in its reference`);
  return ref.at.key;
}

/** Another store that holds an artifact of `from` with other bytes. */
export async function tampered(from: ArtifactStore, key: string, change: (bytes: Uint8Array) => Uint8Array): Promise<MemoryArtifactStore> {
  const store = new MemoryArtifactStore();
  await store.put(key, change(await from.get(key)));
  return store;
}

export function flipped(at: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.with(at, (bytes[at] ?? 0) ^ 1);
}
