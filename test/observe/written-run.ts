import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { MemoryLogSink } from "../../src/adapters/memory/memory-log-sink.ts";
import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import type { ArtifactRef } from "../../src/model/artifact.ts";
import type { EndedAttempt, RunningAttempt } from "../../src/model/attempt.ts";
import type { Launched, OutcomeSeen, RunEvent, StepCalled, StepMapped } from "../../src/model/event.ts";
import { artifactId, itemId, parseRunId, type RunId } from "../../src/model/id.ts";
import { addressOf } from "../../src/model/latch.ts";
import type { Outcome, Span } from "../../src/model/outcome.ts";
import type { RunRecord } from "../../src/model/run.ts";
import type { MapShape } from "../../src/model/task.ts";
import { encodeValue } from "../../src/model/value.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { LogReader, LogSink } from "../../src/ports/log-sink.ts";
import type { StateStore } from "../../src/ports/state-store.ts";

/** 2025-01-01T00:00:00Z. */
export const start = 1_735_689_600_000;

export interface Stores {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogSink & LogReader;
}

function memoryStores(): Stores {
  return { state: new MemoryStateStore(), artifacts: new MemoryArtifactStore(), logs: new MemoryLogSink() };
}

/** A run that the test writes entry by entry, as an engine would; each entry comes a second after the last. */
export class WrittenRun {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogSink & LogReader;
  readonly id: RunId;
  #seq = 0;
  #called = 0;
  #ended: Record<string, number> = {};

  private constructor(id: RunId, stores: Stores) {
    this.id = id;
    this.state = stores.state;
    this.artifacts = stores.artifacts;
    this.logs = stores.logs;
  }

  static async create(changes: Partial<RunRecord> = {}, stores: Stores = memoryStores()): Promise<WrittenRun> {
    const record = runRecord(changes);
    const run = new WrittenRun(record.id, stores);
    await run.state.createRun(record);
    return run;
  }

  /** When the next entry will be written. */
  get now(): number {
    return start + (this.#seq + 1) * 1_000;
  }

  /** The entry's `totals` are those of the calls and outcomes in `events`. */
  async entry(...events: readonly RunEvent[]): Promise<void> {
    for (const event of events) this.#total(event);
    const at = this.now;
    await this.state.append(this.id, {
      v: 1,
      seq: this.#seq++,
      nonce: `n${this.#seq}`,
      turn: "t1",
      invocation: "i1",
      until: at + 60_000,
      at,
      wait: false,
      events,
      totals: { turns: 1, called: this.#called, ended: { ...this.#ended } },
    });
  }

  async finish(
    status: "completed" | "failed" | "stopped",
    end: { readonly outputs?: RunRecordOutputs; readonly error?: { readonly name: string; readonly message: string } } = {},
  ): Promise<void> {
    const at = this.now;
    const outputs = end.outputs ?? {};
    await this.entry({ t: "ended", status, outputs, at, ...(end.error === undefined ? {} : { error: end.error }) });
    await this.state.finishRun(this.id, {
      status,
      at,
      outputs,
      entries: this.#seq,
      startedAt: start + 1_000,
      totals: { turns: 1, called: this.#called, ended: { ...this.#ended } },
      ...(end.error === undefined ? {} : { error: end.error }),
    });
  }

  claim(id: string, attempt: number, row: Partial<RunningAttempt> = {}): Promise<unknown> {
    return this.state.claim(
      { run: this.id, id, attempt },
      {
        status: "running",
        nonce: `${id}${attempt}`,
        invocation: "i9",
        startedAt: this.now,
        until: this.now + 1e6,
        place: { kind: "process", pid: 42 },
        ...row,
      },
    );
  }

  end(id: string, attempt: number, outcome: Outcome, row: Partial<EndedAttempt> = {}): Promise<unknown> {
    return this.state.end(
      { run: this.id, id, attempt },
      {
        status: "ended",
        nonce: `${id}${attempt}`,
        outcome,
        startedAt: this.now - 500,
        endedAt: this.now,
        place: { kind: "process", pid: 42 },
        ...row,
      },
    );
  }

  /** Ended items, as an inline map records them. */
  items(shape: MapShape, outcomes: Readonly<Record<number, Outcome>>): Promise<void> {
    return this.state.recordItems(
      Object.entries(outcomes).map(([index, outcome]) => ({
        key: { run: this.id, id: itemId(shape.id, Number(index)), attempt: 1, item: addressOf(shape, Number(index)) },
        row: {
          status: "ended",
          nonce: `i${index}`,
          outcome,
          startedAt: this.now,
          endedAt: this.now + 100,
          place: { kind: "thread", pid: 7, threadId: 2 },
        },
      })),
    );
  }

  ref(step: string, output = "output", changes: Partial<ArtifactRef> = {}): ArtifactRef {
    const id = artifactId({ run: this.id, step, attempt: 1, output });
    return {
      id,
      digest: "d".repeat(64),
      bytes: 10,
      mediaType: "application/json",
      materializer: "json",
      at: { key: `${this.id}/${step}/1/n/${output}` },
      ...changes,
    };
  }

  #total(event: RunEvent): void {
    if (event.t === "called") this.#called++;
    if (event.t === "launched") this.#called += event.items ?? 0;
    if (event.t !== "outcome") return;
    for (const [status, n] of Object.entries(event.counts ?? { [event.outcome.status]: 1 }))
      this.#ended[status] = (this.#ended[status] ?? 0) + n;
  }
}

type RunRecordOutputs = Readonly<Record<string, ArtifactRef | readonly ArtifactRef[]>>;

export function runId(text: string): RunId {
  return parseRunId(text)!;
}

export function runRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    v: 1,
    id: runId("run_0000000001aaaa"),
    pipeline: "forecast",
    mode: "dynamic",
    onFailure: "stop_on_failure",
    params: encodeValue({ city: "Seattle" }),
    codeVersion: "c1",
    createdAt: start,
    tags: [],
    maxSteps: 1_000_000,
    maxTurns: 100_000,
    ...changes,
  };
}

export function called(id: string, input: unknown = {}, changes: Partial<StepCalled> = {}): StepCalled {
  return { t: "called", id, step: id, call: "sync", runtime: "inline", input: { literal: encodeValue(input), edges: [] }, ...changes };
}

export function mapped(id: string, input: unknown, changes: Partial<StepMapped> = {}): StepMapped {
  return {
    t: "mapped",
    id,
    step: id,
    combine: "zip",
    runtime: "inline",
    unmapped: [],
    input: { literal: encodeValue(input), edges: [] },
    ...changes,
  };
}

export function launched(id: string, changes: Partial<Launched> = {}): Launched {
  return { t: "launched", id, attempt: 1, ...changes };
}

export function outcome(id: string, ended: Outcome, changes: Partial<OutcomeSeen> = {}): OutcomeSeen {
  return { t: "outcome", id, attempt: 1, outcome: ended, at: start + 5_000, ...changes };
}

export function completed(outputs: Readonly<Record<string, ArtifactRef>> = {}): Outcome {
  return { status: "completed", outputs };
}

export function failed(message: string, changes: object = {}): Outcome {
  return { status: "failed", error: { name: "Error", message, ...changes } };
}

export const inThread: Span = { startedAt: start + 1_500, endedAt: start + 4_000, place: { kind: "thread", pid: 7, threadId: 3 } };
