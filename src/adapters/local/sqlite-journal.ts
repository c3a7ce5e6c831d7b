import { hash } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { journalKey, seqOf, signalSeq, signalSlots, stopSeq } from "./sqlite-schema.ts";
import type { JournalEntry } from "../../model/entry.ts";
import type { RunId } from "../../model/id.ts";
import { firstCome, keyOfSignal, type Signal } from "../../model/signal.ts";
import type { StopRequest, Tail } from "../../ports/state-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { SqliteRunNumbers } from "./sqlite-run-numbers.ts";

/** Rows held at once: a journal of a million entries is parsed as it is read. */
const pageSize = 1_000;
const insert = "INSERT INTO journal (key, doc) VALUES (?, ?) ON CONFLICT DO NOTHING";

export class SqliteJournal {
  readonly #db: SqliteDatabase;
  readonly #numbers: SqliteRunNumbers;

  constructor(db: SqliteDatabase, numbers: SqliteRunNumbers) {
    this.#db = db;
    this.#numbers = numbers;
  }

  append(run: RunId, entry: JournalEntry): "appended" | "lost" {
    if (entry.seq >= signalSeq) throw new SkeinError("store_unwritable", `the journal of ${run} is full: it holds ${signalSeq} entries`);
    const key = journalKey(this.#numbers.give(run), entry.seq);
    if (this.#db.run(insert, key, JSON.stringify(entry)) === 1) return "appended";
    const there = this.#db.parse<JournalEntry>(this.#db.get("SELECT doc FROM journal WHERE key = ?", key)?.[0]);
    return there.nonce === entry.nonce ? "appended" : "lost";
  }

  tail(run: RunId, after: number): Tail {
    const number = this.#numbers.find(run);
    const entries: JournalEntry[] = [];
    if (number === undefined) return { entries };
    const stopKey = journalKey(number, stopSeq);
    const signalKey = journalKey(number, signalSeq);
    const signals: Signal[] = [];
    let last = journalKey(number, after);
    for (;;) {
      const rows = this.#db.all("SELECT key, doc FROM journal WHERE key > ? AND key <= ? ORDER BY key LIMIT ?", last, stopKey, pageSize);
      for (const [key, doc] of rows) {
        if (key === stopKey) return tailOf(entries, signals, this.#db.parse<StopRequest>(doc));
        if (Number(key) >= signalKey) signals.push(this.#db.parse<Signal>(doc));
        else if (key === last + 1) entries.push(this.#db.parse<JournalEntry>(doc));
        else throw new SkeinError("journal_incomplete", `the journal of ${run} has no entry ${seqOf(last + 1)}, but later ones`);
        last = Number(key);
      }
      if (rows.length < pageSize) return tailOf(entries, signals, undefined);
    }
  }

  head(run: RunId): JournalEntry | undefined {
    const number = this.#numbers.find(run);
    if (number === undefined) return undefined;
    const row = this.#db.get(
      "SELECT doc FROM journal WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1",
      journalKey(number, 0),
      journalKey(number, signalSeq),
    );
    return row === undefined ? undefined : this.#db.parse<JournalEntry>(row[0]);
  }

  sendSignal(run: RunId, signal: Signal): void {
    const number = this.#numbers.give(run);
    const identity = keyOfSignal(signal);
    const first = Number.parseInt(hash("sha256", identity).slice(0, 8), 16);
    this.#db.transaction(() => {
      for (let i = 0; i < signalSlots; i++) {
        const key = journalKey(number, signalSeq + ((first + i) % signalSlots));
        const row = this.#db.get("SELECT doc FROM journal WHERE key = ?", key);
        if (row === undefined) return void this.#db.run(insert, key, JSON.stringify(signal));
        if (keyOfSignal(this.#db.parse<Signal>(row[0])) === identity) return;
      }
      throw new SkeinError("store_unwritable", `run ${run} has had ${signalSlots} signals, the most that a run may have`);
    });
  }

  requestStop(run: RunId, request: StopRequest): void {
    this.#db.run(insert, journalKey(this.#numbers.give(run), stopSeq), JSON.stringify(request));
  }
}

function tailOf(entries: readonly JournalEntry[], signals: readonly Signal[], stop: StopRequest | undefined): Tail {
  return {
    entries,
    ...(stop === undefined ? {} : { stop }),
    ...(signals.length === 0 ? {} : { signals: signals.toSorted(firstCome) }),
  };
}
