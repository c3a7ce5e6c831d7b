import { SkeinError } from "../../model/error.ts";
import { itemId } from "../../model/id.ts";
import { itemsOf } from "../../model/latch.ts";
import { crashesWith } from "../run-crashes.ts";
import { cursorOf, duePage, newestFirst, oldestFirst, pageLimit, positionOf } from "../run-position.ts";
import type { AttemptKey, AttemptRow, EndedAttempt, RunningAttempt } from "../../model/attempt.ts";
import type { JournalEntry } from "../../model/entry.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { RunEnd, RunRecord } from "../../model/run.ts";
import { firstCome, keyOfSignal, type Signal } from "../../model/signal.ts";
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

/** One place for each attempt, the first at 0. */
type Attempts = (AttemptRow | undefined)[];
type Numbered = NamedVersion & { readonly version: number };

/** What belongs to one run, beside its RUN item. */
class Partition {
  readonly journal: (JournalEntry | undefined)[] = [];
  readonly narrow = new Map<StepRunId, Attempts>();
  /** By map, then by index of the item. */
  readonly items = new Map<StepRunId, (Attempts | undefined)[]>();
  /** By map: all its groups have the same. */
  readonly flags = new Map<StepRunId, MapFlags>();
  /** Nonces of marks by map, level and index. */
  readonly marked = new Map<string, string>();
  stop: StopRequest | undefined;
  signals: readonly Signal[] = [];
}

const won: Won = { won: true };

/** State in this process alone, for tests and simulations: deterministic, nothing is copied, everything is gone with the object. */
export class MemoryStateStore implements StateStore {
  readonly #runs = new Map<RunId, RunRecord>();
  readonly #partitions = new Map<RunId, Partition>();
  readonly #cache = new Map<string, CacheRow>();
  readonly #versions = new Map<string, Numbered[]>();

  async createRun(run: RunRecord): Promise<{ readonly created: true } | { readonly created: false; readonly existing: RunRecord }> {
    const existing = this.#runs.get(run.id);
    if (existing !== undefined) return { created: false, existing };
    this.#runs.set(run.id, run);
    return { created: true };
  }

  async readRun(run: RunId): Promise<RunRecord | undefined> {
    return this.#runs.get(run);
  }

  async listRuns(query: RunQuery): Promise<Page<RunRecord>> {
    const limit = pageLimit(query);
    const start = positionOf(query.cursor);
    const places = [...this.#runs.values()]
      .filter((run) => matches(run, query))
      .map((run) => ({ at: run.createdAt, run: run.id, record: run }));
    const rest = places.filter((place) => start === undefined || newestFirst(place, start) > 0).sort(newestFirst);
    return page(rest, limit, (place) => place.record);
  }

  async readTail(run: RunId, after: number): Promise<Tail> {
    const { journal, stop, signals } = this.#partition(run);
    const entries: JournalEntry[] = [];
    for (let seq = after + 1; seq < journal.length; seq++) {
      const entry = journal[seq];
      if (entry === undefined) throw new SkeinError("journal_incomplete", `the journal of ${run} has no entry ${seq}, but later ones`);
      entries.push(entry);
    }
    return { entries, ...(stop === undefined ? {} : { stop }), ...(signals.length === 0 ? {} : { signals }) };
  }

  async readHead(run: RunId): Promise<JournalEntry | undefined> {
    return this.#partition(run).journal.at(-1);
  }

  async append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost"> {
    const { journal } = this.#partition(run);
    const there = journal[entry.seq];
    if (there !== undefined) return there.nonce === entry.nonce ? "appended" : "lost";
    journal[entry.seq] = entry;
    return "appended";
  }

  async claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
    return this.#write(key, row, (there) => there === undefined);
  }

  async end(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#write(key, row, (there) => there?.status === "running" && there.nonce === row.nonce);
  }

  async settle(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    return this.#write(key, row, (there) => there === undefined);
  }

  async bury(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost> {
    return this.#write(key, row, (there) => there?.status === "running" && there.nonce === nonce);
  }

  async requestAbort(key: AttemptKey, reason: string): Promise<void> {
    const attempts = this.#attempts(key);
    const row = attempts?.[key.attempt - 1];
    if (attempts !== undefined && row?.status === "running") attempts[key.attempt - 1] = { ...row, abort: row.abort ?? reason };
  }

  async readAttempts(keys: readonly AttemptKey[]): Promise<readonly (AttemptRow | undefined)[]> {
    return keys.map((key) => this.#attempts(key)?.[key.attempt - 1]);
  }

  async listAttempts(run: RunId): Promise<readonly StoredAttempt[]> {
    const { narrow } = this.#partition(run);
    return [...narrow.keys()].sort().flatMap((id) => stored(id, narrow.get(id)));
  }

  async recordItems(items: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): Promise<void> {
    for (const { key, row } of items) this.#write(key, row, (there) => there === undefined);
  }

  async readItems(run: RunId, map: MapShape, group?: number): Promise<readonly StoredAttempt[]> {
    const items = this.#partition(run).items.get(map.id) ?? [];
    const indexes = group === undefined ? items.keys() : itemsOf(map, group);
    const rows: StoredAttempt[] = [];
    for (const index of indexes) if (items[index] !== undefined) rows.push(...stored(itemId(map.id, index), items[index]));
    return rows;
  }

  async readGroup(run: RunId, map: MapShape, group: number, count: number): Promise<MapGroup> {
    const flags = this.#partition(run).flags.get(map.id) ?? {};
    return { flags, last: count === 0 ? [] : (await this.readItems(run, map, group)).slice(-count) };
  }

  async readMarks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly number[]> {
    const { marked } = this.#partition(run);
    const nodes = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
    return nodes.filter((index) => marked.has(`${map} ${level} ${index}`));
  }

  async mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there"> {
    const { marked } = this.#partition(run);
    const node = `${map} ${level} ${index}`;
    if (!marked.has(node)) marked.set(node, nonce);
    return marked.get(node) === nonce ? "marked" : "there";
  }

  async flagMap(run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
    const raised = this.#partition(run).flags;
    const watch = flags.watch === true ? { watch: true } : {};
    const stop = flags.stop === true ? { stop: true } : {};
    raised.set(map.id, { ...raised.get(map.id), ...watch, ...stop });
  }

  async sendSignal(run: RunId, signal: Signal): Promise<void> {
    const partition = this.#partition(run);
    const isThere = partition.signals.some((other) => keyOfSignal(other) === keyOfSignal(signal));
    if (!isThere) partition.signals = [...partition.signals, signal].toSorted(firstCome);
  }

  async requestStop(run: RunId, request: StopRequest): Promise<void> {
    this.#partition(run).stop ??= request;
  }

  async finishRun(run: RunId, end: RunEnd): Promise<void> {
    const { due: _, ...record } = this.#existing(run);
    if (record.ended === undefined) this.#runs.set(run, { ...record, ended: end });
  }

  async countCrash(run: RunId, seq: number, invocation: string): Promise<number> {
    const record = this.#existing(run);
    const crashes = crashesWith(record.crashes, seq, invocation);
    if (crashes.seq > seq) return 0;
    this.#runs.set(run, { ...record, crashes });
    return crashes.invocations.length;
  }

  async dueRuns(now: number, cursor?: string): Promise<Page<{ readonly run: RunId; readonly due: number }>> {
    const start = positionOf(cursor);
    const places = [...this.#runs.values()].flatMap((run) =>
      run.due === undefined || run.due > now ? [] : [{ at: run.due, run: run.id }],
    );
    const rest = places.filter((place) => start === undefined || oldestFirst(place, start) > 0).sort(oldestFirst);
    return page(rest, duePage, ({ run, at }) => ({ run, due: at }));
  }

  async setDue(run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost"> {
    const { due: current, ...record } = this.#existing(run);
    if (current === due) return "set";
    if (current !== expected || record.ended !== undefined) return "lost";
    this.#runs.set(run, due === undefined ? record : { ...record, due });
    return "set";
  }

  async readCache(key: string): Promise<CacheRow | undefined> {
    return this.#cache.get(key);
  }

  async writeCache(key: string, row: CacheRow): Promise<void> {
    this.#cache.set(key, row);
  }

  async addVersion(name: string, version: NamedVersion): Promise<number> {
    const versions = this.#versions.get(name) ?? [];
    const old = versions.find((v) => v.artifact.id === version.artifact.id);
    if (old !== undefined) return old.version;
    this.#versions.set(name, [{ ...version, version: versions.length + 1 }, ...versions]);
    return versions.length + 1;
  }

  async listVersions(name: string): Promise<readonly Numbered[]> {
    return this.#versions.get(name) ?? [];
  }

  async close(): Promise<void> {}

  #partition(run: RunId): Partition {
    let partition = this.#partitions.get(run);
    if (partition === undefined) this.#partitions.set(run, (partition = new Partition()));
    return partition;
  }

  #existing(run: RunId): RunRecord {
    const record = this.#runs.get(run);
    if (record === undefined) throw new SkeinError("unknown_run", `there is no run ${run}`);
    return record;
  }

  #attempts(key: AttemptKey): Attempts | undefined {
    const partition = this.#partition(key.run);
    return key.item === undefined ? partition.narrow.get(key.id) : partition.items.get(key.item.map)?.[key.item.index];
  }

  #makeAttempts(key: AttemptKey): Attempts {
    const partition = this.#partition(key.run);
    const attempts: Attempts = [];
    if (key.item === undefined) {
      partition.narrow.set(key.id, attempts);
      return attempts;
    }
    let items = partition.items.get(key.item.map);
    if (items === undefined) partition.items.set(key.item.map, (items = []));
    items[key.item.index] = attempts;
    return attempts;
  }

  #write(key: AttemptKey, row: AttemptRow, holds: (there: AttemptRow | undefined) => boolean): Won | Lost {
    const attempts = this.#attempts(key);
    const there = attempts?.[key.attempt - 1];
    if (!holds(there)) return there?.status === row.status && there.nonce === row.nonce ? won : { won: false, row: there };
    (attempts ?? this.#makeAttempts(key))[key.attempt - 1] = row;
    return won;
  }
}

function stored(id: StepRunId, attempts: Attempts | undefined): readonly StoredAttempt[] {
  return (attempts ?? []).flatMap((row, i) => (row === undefined ? [] : [{ id, attempt: i + 1, row }]));
}

function matches(run: RunRecord, query: RunQuery): boolean {
  if (query.pipeline !== undefined && run.pipeline !== query.pipeline) return false;
  return query.ended === undefined || (run.ended?.status ?? "no") === query.ended;
}

function page<P extends { readonly at: number; readonly run: RunId }, T>(
  rest: readonly P[],
  limit: number,
  show: (place: P) => T,
): Page<T> {
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(show), ...(last !== undefined && rest.length > limit ? { cursor: cursorOf(last) } : {}) };
}
