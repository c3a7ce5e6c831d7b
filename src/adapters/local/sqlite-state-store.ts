import { SqliteAttempts } from "./sqlite-attempts.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { SqliteJournal } from "./sqlite-journal.ts";
import { SqliteLatch } from "./sqlite-latch.ts";
import { SqliteRunNumbers } from "./sqlite-run-numbers.ts";
import { SqliteRuns } from "./sqlite-runs.ts";
import { SqliteVersions } from "./sqlite-versions.ts";
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
import type { SqliteOptions } from "./sqlite-database.ts";

/**
 * State in one SQLite file that several processes may use at once. Every verb runs to its end before its promise is made.
 * The constructor throws `store_corrupt`, `store_version`, `store_unwritable` or `store_unavailable`.
 */
export class SqliteStateStore implements StateStore {
  readonly #db: SqliteDatabase;
  readonly #runs: SqliteRuns;
  readonly #journal: SqliteJournal;
  readonly #attempts: SqliteAttempts;
  readonly #latch: SqliteLatch;
  readonly #versions: SqliteVersions;

  constructor(options: SqliteOptions) {
    this.#db = new SqliteDatabase(options);
    const numbers = new SqliteRunNumbers(this.#db);
    this.#runs = new SqliteRuns(this.#db);
    this.#journal = new SqliteJournal(this.#db, numbers);
    this.#attempts = new SqliteAttempts(this.#db, numbers);
    this.#latch = new SqliteLatch(this.#db, numbers);
    this.#versions = new SqliteVersions(this.#db);
  }

  async createRun(run: RunRecord): Promise<{ readonly created: true } | { readonly created: false; readonly existing: RunRecord }> {
    return this.#runs.create(run);
  }

  async readRun(run: RunId): Promise<RunRecord | undefined> {
    return this.#runs.read(run);
  }

  async listRuns(query: RunQuery): Promise<Page<RunRecord>> {
    return this.#runs.list(query);
  }

  async readTail(run: RunId, after: number): Promise<Tail> {
    return this.#journal.tail(run, after);
  }

  async readHead(run: RunId): Promise<JournalEntry | undefined> {
    return this.#journal.head(run);
  }

  async append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost"> {
    return this.#journal.append(run, entry);
  }

  async claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
    return this.#attempts.insert(key, row);
  }

  async end(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.end(key, row.nonce, row);
  }

  async settle(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.insert(key, row);
  }

  async bury(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost> {
    return this.#attempts.end(key, nonce, row);
  }

  async requestAbort(key: AttemptKey, reason: string): Promise<void> {
    this.#attempts.requestAbort(key, reason);
  }

  async readAttempts(keys: readonly AttemptKey[]): Promise<readonly (AttemptRow | undefined)[]> {
    return keys.map((key) => this.#attempts.read(key));
  }

  async listAttempts(run: RunId): Promise<readonly StoredAttempt[]> {
    return this.#attempts.list(run);
  }

  async recordItems(items: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): Promise<void> {
    this.#attempts.record(items);
  }

  async readItems(run: RunId, map: MapShape, group?: number): Promise<readonly StoredAttempt[]> {
    return this.#attempts.items(run, map, group);
  }

  async readGroup(run: RunId, map: MapShape, group: number, count: number): Promise<MapGroup> {
    return { flags: this.#latch.flags(run, map.id, group), last: this.#attempts.lastOf(run, map, group, count) };
  }

  async readMarks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly number[]> {
    return this.#latch.marks(run, map, level, from, to);
  }

  async mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there"> {
    return this.#latch.mark(run, map, level, index, nonce);
  }

  async flagMap(run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
    this.#latch.flag(run, map, flags);
  }

  async sendSignal(run: RunId, signal: Signal): Promise<void> {
    this.#journal.sendSignal(run, signal);
  }

  async requestStop(run: RunId, request: StopRequest): Promise<void> {
    this.#journal.requestStop(run, request);
  }

  async finishRun(run: RunId, end: RunEnd): Promise<void> {
    this.#runs.finish(run, end);
  }

  async countCrash(run: RunId, seq: number, invocation: string): Promise<number> {
    return this.#runs.countCrash(run, seq, invocation);
  }

  async dueRuns(now: number, cursor?: string): Promise<Page<{ readonly run: RunId; readonly due: number }>> {
    return this.#runs.due(now, cursor);
  }

  async setDue(run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost"> {
    return this.#runs.setDue(run, expected, due);
  }

  async readCache(key: string): Promise<CacheRow | undefined> {
    const row = this.#db.get("SELECT doc FROM cache WHERE key = ?", key);
    return row === undefined ? undefined : this.#db.parse<CacheRow>(row[0]);
  }

  async writeCache(key: string, row: CacheRow): Promise<void> {
    this.#db.run("INSERT INTO cache (key, doc) VALUES (?, ?) ON CONFLICT DO UPDATE SET doc = excluded.doc", key, JSON.stringify(row));
  }

  async addVersion(name: string, version: NamedVersion): Promise<number> {
    return this.#versions.add(name, version);
  }

  async listVersions(name: string): Promise<readonly (NamedVersion & { readonly version: number })[]> {
    return this.#versions.list(name);
  }

  async close(): Promise<void> {
    this.#db.close();
  }
}
