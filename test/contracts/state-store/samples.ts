import { randomBytes } from "node:crypto";
import { addressOf } from "../../../src/model/latch.ts";
import { itemId, makeRunId } from "../../../src/model/id.ts";
import type { AttemptKey, EndedAttempt, RunningAttempt } from "../../../src/model/attempt.ts";
import type { ArtifactRef } from "../../../src/model/artifact.ts";
import type { JournalEntry } from "../../../src/model/entry.ts";
import type { RunId } from "../../../src/model/id.ts";
import type { Outcome } from "../../../src/model/outcome.ts";
import type { RunEnd, RunRecord } from "../../../src/model/run.ts";
import type { MapShape } from "../../../src/model/task.ts";
import type { StateStore } from "../../../src/ports/state-store.ts";

/** What a suite runs against. Each test takes fresh names, so that suites may share one table. */
export interface OpenedStore {
  readonly store: StateStore;
  /** A further store on the same data, as another process has one; without it the data live in this object only. */
  readonly another?: () => Promise<StateStore>;
  /** A store whose every write takes effect while its first response gets lost, so that the adapter's own repetition answers. */
  readonly losing?: () => Promise<StateStore>;
}
export type Opened = () => OpenedStore;

let counter = 0;
/** Differs in every process and call. */
export function fresh(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString("hex")}${(counter++).toString(36)}`;
}

export function freshRun(at = 1_764_000_000_000): RunId {
  return makeRunId(at, `${randomBytes(8).toString("hex")}${(counter++).toString(36)}`);
}

export function aRun(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    v: 1,
    id: freshRun(),
    pipeline: "forecast",
    mode: "dynamic",
    onFailure: "stop_on_failure",
    params: `{"city":"Łódź"}`,
    codeVersion: "c1",
    createdAt: 1_764_000_000_000,
    tags: ["nightly"],
    maxSteps: 100_000,
    maxTurns: 10_000,
    ...changes,
  };
}

export const totals = { turns: 1, called: 2, ended: { completed: 1 } };

export function anEnding(status: RunEnd["status"] = "completed"): RunEnd {
  return { status, at: 1_764_000_900_000, outputs: { output: anArtifact("a") }, totals, entries: 7, startedAt: 1_764_000_000_100 };
}

export function anEntry(seq: number, changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    v: 1,
    seq,
    nonce: fresh("n"),
    turn: "t1",
    invocation: "i1",
    until: 1_764_000_100_000,
    at: 1_764_000_000_000 + seq,
    wait: seq % 2 === 0,
    totals,
    events: [{ t: "launched", id: "fit", attempt: 1 }],
    ...changes,
  };
}

/** Text that no packing makes shorter than three quarters. */
export function noise(characters: number): string {
  return randomBytes(Math.ceil(characters * 0.75))
    .toString("base64")
    .slice(0, characters);
}

/** An entry whose one event logs `characters` of text. */
export function aLongEntry(seq: number, characters: number): JournalEntry {
  return anEntry(seq, { events: [{ t: "logged", level: "info", message: noise(characters), at: 5 }] });
}

export function anArtifact(key: string): ArtifactRef {
  return {
    id: `run_0123456789.fit.1.${key}`,
    digest: "ab".repeat(32),
    bytes: 12,
    mediaType: "application/json",
    materializer: "json",
    at: { key: `k/${key}` },
  };
}

export function aClaim(nonce = fresh("n")): RunningAttempt {
  return {
    status: "running",
    nonce,
    invocation: "i1",
    startedAt: 1_764_000_000_000,
    until: 1_764_000_300_000,
    place: { kind: "function", functionName: "skein-s", requestId: "q1" },
  };
}

export function anEnd(
  nonce = fresh("n"),
  outcome: Outcome = { status: "completed", outputs: { output: anArtifact(nonce) } },
): EndedAttempt {
  return { status: "ended", nonce, outcome, startedAt: 1_764_000_000_000, endedAt: 1_764_000_001_000, place: { kind: "process", pid: 7 } };
}

export function step(run: RunId, id = "fit", attempt = 1): AttemptKey {
  return { run, id, attempt };
}

export function item(run: RunId, map: MapShape, index: number, attempt = 1): AttemptKey {
  return { run, id: itemId(map.id, index), attempt, item: addressOf(map, index) };
}

/** How many of these answers are wins. */
export function wins(answers: readonly { readonly won: boolean }[]): number {
  return answers.filter((a) => a.won).length;
}

export function twenty<T>(make: (i: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 20 }, (_, i) => make(i)));
}
