import { DynamoDbAttempts } from "./dynamodb-attempts.ts";
import { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import { documentOf } from "./dynamodb-document.ts";
import { keyItem, text } from "./dynamodb-item.ts";
import { DynamoDbJournal } from "./dynamodb-journal.ts";
import { cacheKey } from "./dynamodb-key.ts";
import { DynamoDbLatch } from "./dynamodb-latch.ts";
import { DynamoDbRunLists } from "./dynamodb-run-lists.ts";
import { DynamoDbRuns } from "./dynamodb-runs.ts";
import { DynamoDbTable } from "./dynamodb-table.ts";
import { DynamoDbVersions } from "./dynamodb-versions.ts";
import type { AttemptKey, AttemptRow, EndedAttempt, RunningAttempt } from "../../model/attempt.ts";
import type { JournalEntry } from "../../model/entry.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { RunEnd, RunRecord } from "../../model/run.ts";
import type { Signal } from "../../model/signal.ts";
import type { MapShape } from "../../model/task.ts";
import type {
  CacheRow,
  Lost,
  MapFlags,
  MapGroup,
  NamedVersion,
  Page,
  RunQuery,
  StateStore,
  StopRequest,
  StoredAttempt,
  Tail,
  Won,
} from "../../ports/state-store.ts";
import type { DynamoDbTableOptions } from "./dynamodb-table.ts";
import type { Retention } from "./dynamodb-expiry.ts";

export interface DynamoDbStateStoreOptions extends DynamoDbTableOptions {
  /** When rows expire; without it they stay. */
  readonly retention?: Retention;
  /** Epoch milliseconds; default `Date.now`. Tells only when marks and flags of maps expire. */
  readonly now?: () => number;
}

/** State in one DynamoDB table (`createTableRequest`). Makes no request before the first verb; `close` destroys the client. */
export class DynamoDbStateStore implements StateStore {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;
  readonly #runs: DynamoDbRuns;
  readonly #lists: DynamoDbRunLists;
  readonly #journal: DynamoDbJournal;
  readonly #attempts: DynamoDbAttempts;
  readonly #latch: DynamoDbLatch;
  readonly #versions: DynamoDbVersions;

  constructor({ retention, now = Date.now, ...options }: DynamoDbStateStoreOptions) {
    this.#table = new DynamoDbTable(options);
    this.#expiry = new DynamoDbExpiry(retention);
    this.#runs = new DynamoDbRuns(this.#table, this.#expiry);
    this.#lists = new DynamoDbRunLists(this.#table);
    this.#journal = new DynamoDbJournal(this.#table, this.#expiry);
    this.#attempts = new DynamoDbAttempts(this.#table, this.#expiry);
    this.#latch = new DynamoDbLatch(this.#table, this.#expiry, now);
    this.#versions = new DynamoDbVersions(this.#table, this.#expiry);
  }

  createRun(run: RunRecord): Promise<{ readonly created: true } | { readonly created: false; readonly existing: RunRecord }> {
    return this.#runs.create(run);
  }

  readRun(run: RunId): Promise<RunRecord | undefined> {
    return this.#runs.read(run);
  }

  listRuns(query: RunQuery): Promise<Page<RunRecord>> {
    return this.#lists.list(query);
  }

  readTail(run: RunId, after: number): Promise<Tail> {
    return this.#journal.tail(run, after);
  }

  readHead(run: RunId): Promise<JournalEntry | undefined> {
    return this.#journal.head(run);
  }

  append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost"> {
    return this.#journal.append(run, entry);
  }

  claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
    return this.#attempts.insert(key, row);
  }

  end(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.end(key, row.nonce, row);
  }

  settle(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.insert(key, row);
  }

  bury(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.end(key, nonce, row);
  }

  requestAbort(key: AttemptKey, reason: string): Promise<void> {
    return this.#attempts.requestAbort(key, reason);
  }

  readAttempts(keys: readonly AttemptKey[]): Promise<readonly (AttemptRow | undefined)[]> {
    return this.#attempts.read(keys);
  }

  listAttempts(run: RunId): Promise<readonly StoredAttempt[]> {
    return this.#attempts.list(run);
  }

  recordItems(items: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): Promise<void> {
    return this.#attempts.record(items);
  }

  readItems(run: RunId, map: MapShape, group?: number): Promise<readonly StoredAttempt[]> {
    return this.#attempts.items(run, map, group);
  }

  readGroup(run: RunId, map: MapShape, group: number, count: number): Promise<MapGroup> {
    return this.#attempts.group(run, map, group, count);
  }

  readMarks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly number[]> {
    return this.#latch.marks(run, map, level, from, to);
  }

  mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there"> {
    return this.#latch.mark(run, map, level, index, nonce);
  }

  flagMap(run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
    return this.#latch.flag(run, map, flags);
  }

  sendSignal(run: RunId, signal: Signal): Promise<void> {
    return this.#journal.sendSignal(run, signal);
  }

  requestStop(run: RunId, request: StopRequest): Promise<void> {
    return this.#journal.requestStop(run, request);
  }

  finishRun(run: RunId, end: RunEnd): Promise<void> {
    return this.#runs.finish(run, end);
  }

  countCrash(run: RunId, seq: number, invocation: string): Promise<number> {
    return this.#runs.countCrash(run, seq, invocation);
  }

  dueRuns(now: number, cursor?: string): Promise<Page<{ readonly run: RunId; readonly due: number }>> {
    return this.#lists.due(now, cursor);
  }

  setDue(run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost"> {
    return this.#runs.setDue(run, expected, due);
  }

  async readCache(key: string): Promise<CacheRow | undefined> {
    const item = await this.#table.get(cacheKey(key));
    return item === undefined ? undefined : documentOf<CacheRow>(item);
  }

  async writeCache(key: string, row: CacheRow): Promise<void> {
    await this.#table.put({ ...keyItem(cacheKey(key)), doc: text(JSON.stringify(row)), ...this.#expiry.cache(row.at, row.expiresAt) });
  }

  addVersion(name: string, version: NamedVersion): Promise<number> {
    return this.#versions.add(name, version);
  }

  listVersions(name: string): Promise<readonly (NamedVersion & { readonly version: number })[]> {
    return this.#versions.list(name);
  }

  async close(): Promise<void> {
    this.#table.close();
  }
}
