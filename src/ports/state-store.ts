import type { AttemptKey, AttemptRow, EndedAttempt, RunningAttempt } from "../model/attempt.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import type { JournalEntry } from "../model/entry.ts";
import type { Metadata } from "../model/failure.ts";
import type { RunId, StepRunId } from "../model/id.ts";
import type { RunEnd, RunRecord } from "../model/run.ts";
import type { Signal } from "../model/signal.ts";
import type { MapShape } from "../model/task.ts";

/**
 * Run and step state. Every conditional write carries a nonce of its writer; when the condition fails and the row there
 * carries that same nonce, the write had succeeded and only its response was lost: the adapter answers as for success (R6).
 * Reads are consistent and complete: pages are followed to the end, or the call fails; only `listRuns` and `dueRuns` may lag
 * behind by moments, since they read an index. A lost race is a value, never an error; errors are `SkeinError`s with a `store_…`
 * code, `journal_incomplete`, `bad_option`, or `unknown_run` where a RUN item is to change that is not there. No other verb asks
 * whether the run exists. What was given or answered is shared: nobody changes it.
 */
export interface StateStore {
  /** `existing`: a run of this id was there before (not by this write: a second call, even with the same record, finds it). */
  createRun(run: RunRecord): Promise<{ readonly created: true } | { readonly created: false; readonly existing: RunRecord }>;
  readRun(run: RunId): Promise<RunRecord | undefined>;
  /** Newest first: by `createdAt`, then id. A page may hold fewer than `limit` and still have a cursor. */
  listRuns(query: RunQuery): Promise<Page<RunRecord>>;

  /** The journal's entries with `seq > after` in order, and what waits in the inbox. Fails with `journal_incomplete` on a hole. */
  readTail(run: RunId, after: number): Promise<Tail>;
  /** The journal's last entry. */
  readHead(run: RunId): Promise<JournalEntry | undefined>;
  /** Absent → entry. `lost`: another entry has this `seq`. */
  append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost">;

  /** Absent → running. A row that is running with this nonce: won; one that has ended meanwhile: lost. */
  claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost>;
  /** Running with this nonce → ended. */
  end(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost>;
  /** Absent → ended: a step run that never starts, a cached item, the closing row of a map. */
  settle(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost>;
  /** Running with `nonce` → ended, by somebody who knows that its invocation is dead (R11). `row` carries the nonce of who buries. */
  bury(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost>;
  /** Asks a running attempt to abort: `abort` is added to its row, where its place looks. The first reason stays; nothing where none runs. */
  requestAbort(key: AttemptKey, reason: string): Promise<void>;
  /** One row (or undefined) for each key, in the order of the keys. */
  readAttempts(keys: readonly AttemptKey[]): Promise<readonly (AttemptRow | undefined)[]>;
  /** All rows of narrow steps of a run, for those who look at it; by id and attempt. */
  listAttempts(run: RunId): Promise<readonly StoredAttempt[]>;

  /** Absent → ended for each: items of an inline map, written by the turn that holds the lease. A row that is there stays as it is. */
  recordItems(items: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): Promise<void>;
  /** Rows of a map's items, in the order of index and attempt; `group` narrows to one latch group or lane. */
  readItems(run: RunId, map: MapShape, group?: number): Promise<readonly StoredAttempt[]>;
  /** One latch group or lane as its finishers look at it first: its flags, and of its items' rows the last, at most `count` (from 0). */
  readGroup(run: RunId, map: MapShape, group: number, count: number): Promise<MapGroup>;
  /**
   * The complete nodes of the latch tree at one level: groups are level 1, the root is the only one of its level. Of the nodes `from`
   * (included) to `to` (excluded), those that are marked, in order.
   */
  readMarks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly number[]>;
  /** Puts the mark of a complete node. `there`: somebody else, with another nonce, has put it. */
  mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there">;
  /** Sets flags on all groups of a map (R10). Flags only ever rise: `false` leaves what is there. */
  flagMap(run: RunId, map: MapShape, flags: MapFlags): Promise<void>;

  /** Absent → signal; one of the same name and id again: no effect. */
  sendSignal(run: RunId, signal: Signal): Promise<void>;
  /** Absent → stop request; again: no effect. */
  requestStop(run: RunId, request: StopRequest): Promise<void>;
  /** Adds `ended` to the RUN item, and takes `due` away. Idempotent: what a run ended with first stays. */
  finishRun(run: RunId, end: RunEnd): Promise<void>;
  /**
   * Counts the crash of a turn's `invocation` at a head `seq`, once however often it is told; answers how many invocations crashed
   * at that `seq`. Only the highest `seq` is kept: 0 for a lower one.
   */
  countCrash(run: RunId, seq: number, invocation: string): Promise<number>;

  /** Runs with `due <= now`, oldest first. */
  dueRuns(now: number, cursor?: string): Promise<Page<{ readonly run: RunId; readonly due: number }>>;
  /** Moves or removes `due`, if it still is `expected`. `due` there already: set. `lost` also where the run has ended and `due` is a time. */
  setDue(run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost">;

  readCache(key: string): Promise<CacheRow | undefined>;
  /** Replaces what is there. */
  writeCache(key: string, row: CacheRow): Promise<void>;

  /** Adds the next version of a named artifact and answers its number, from 1. The same artifact id again: its old number. */
  addVersion(name: string, version: NamedVersion): Promise<number>;
  /** Highest number first. */
  listVersions(name: string): Promise<readonly (NamedVersion & { readonly version: number })[]>;

  close(): Promise<void>;
}

export interface Won {
  readonly won: true;
}
/** `row`: what is there instead; undefined when nothing is. */
export interface Lost {
  readonly won: false;
  readonly row: AttemptRow | undefined;
}

export interface Tail {
  readonly entries: readonly JournalEntry[];
  readonly stop?: StopRequest;
  /** All that ever came, in the order in which they came (`firstCome`); absent: none. */
  readonly signals?: readonly Signal[];
}

export interface StopRequest {
  readonly reason: string;
  readonly at: number;
}

export interface StoredAttempt {
  readonly id: StepRunId;
  readonly attempt: number;
  readonly row: AttemptRow;
}

export interface MapGroup {
  readonly flags: MapFlags;
  /** In the order of index and attempt; all of the group, if they are fewer than were asked for. */
  readonly last: readonly StoredAttempt[];
}
/** `watch`: every item's finisher wakes the run; `stop`: nothing of it starts any more. */
export interface MapFlags {
  readonly watch?: boolean;
  readonly stop?: boolean;
}

export interface RunQuery {
  readonly pipeline?: string;
  readonly ended?: RunEnd["status"] | "no";
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  readonly cursor?: string;
}
/** `cursor`: where the next page begins; absent on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

export interface CacheRow {
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  readonly metadata?: Metadata;
  readonly origin: { readonly run: RunId; readonly step: StepRunId };
  readonly at: number;
  /** Epoch milliseconds; a row past it counts as absent for the reader, who has the clock: the store may still give it. */
  readonly expiresAt?: number;
}

export interface NamedVersion {
  readonly artifact: ArtifactRef;
  readonly run: RunId;
  readonly at: number;
}
