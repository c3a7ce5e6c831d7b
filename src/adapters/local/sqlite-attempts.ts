import { itemId } from "../../model/id.ts";
import { itemsOf } from "../../model/latch.ts";
import type { AttemptKey, AttemptRow, EndedAttempt, RunningAttempt } from "../../model/attempt.ts";
import type { RunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { Lost, StoredAttempt, Won } from "../../ports/state-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { SqliteRunNumbers } from "./sqlite-run-numbers.ts";

const won: Won = { won: true };

/** The statements for one of the two tables of attempts; `where` names a row. */
function statements(table: string, columns: string) {
  const where = `run = ? AND ${columns
    .split(", ")
    .map((c) => `${c} = ?`)
    .join(" AND ")}`;
  const marks = `?, ${columns.replaceAll(/\w+/g, "?")}`;
  return {
    insert: `INSERT INTO ${table} (run, ${columns}, holder, doc) VALUES (${marks}, ?, ?) ON CONFLICT DO NOTHING`,
    end: `UPDATE ${table} SET holder = NULL, doc = ? WHERE ${where} AND holder = ?`,
    abort: `UPDATE ${table} SET doc = json_insert(doc, '$.abort', ?) WHERE ${where} AND holder IS NOT NULL`,
    read: `SELECT doc FROM ${table} WHERE ${where}`,
  };
}
const narrow = statements("attempts", "id, attempt");
const items = statements("items", "map, item, attempt");
const readGroup = `SELECT item, attempt, doc FROM json_each(?) AS wanted CROSS JOIN items
  WHERE run = ? AND map = ? AND item = wanted.value ORDER BY item, attempt`;

/** Rows of attempts: of narrow steps in one table, of items of maps in another. */
export class SqliteAttempts {
  readonly #db: SqliteDatabase;
  readonly #numbers: SqliteRunNumbers;

  constructor(db: SqliteDatabase, numbers: SqliteRunNumbers) {
    this.#db = db;
    this.#numbers = numbers;
  }

  /** Absent → `row`. */
  insert(key: AttemptKey, row: RunningAttempt | EndedAttempt): Won | Lost {
    const holder = row.status === "running" ? row.nonce : null;
    const changed = this.#db.run(sqlOf(key).insert, ...this.#place(key, this.#numbers.give(key.run)), holder, JSON.stringify(row));
    return changed === 1 ? won : this.#lost(key, row);
  }

  /** Running with `nonce` → `row`. */
  end(key: AttemptKey, nonce: string, row: EndedAttempt): Won | Lost {
    const changed = this.#db.run(sqlOf(key).end, JSON.stringify(row), ...this.#place(key, this.#numbers.give(key.run)), nonce);
    return changed === 1 ? won : this.#lost(key, row);
  }

  /** `json_insert` leaves a value that is there. */
  requestAbort(key: AttemptKey, reason: string): void {
    const number = this.#numbers.find(key.run);
    if (number !== undefined) this.#db.run(sqlOf(key).abort, reason, ...this.#place(key, number));
  }

  read(key: AttemptKey): AttemptRow | undefined {
    const number = this.#numbers.find(key.run);
    const row = number === undefined ? undefined : this.#db.get(sqlOf(key).read, ...this.#place(key, number));
    return row === undefined ? undefined : this.#db.parse<AttemptRow>(row[0]);
  }

  list(run: RunId): readonly StoredAttempt[] {
    const number = this.#numbers.find(run);
    if (number === undefined) return [];
    const rows = this.#db.all("SELECT id, attempt, doc FROM attempts WHERE run = ? ORDER BY id, attempt", number);
    return rows.map(([id, attempt, doc]) => ({ id: String(id), attempt: Number(attempt), row: this.#db.parse<AttemptRow>(doc) }));
  }

  record(rows: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): void {
    if (rows.length === 0) return;
    this.#db.transaction(() => {
      for (const { key, row } of rows)
        this.#db.run(sqlOf(key).insert, ...this.#place(key, this.#numbers.give(key.run)), null, JSON.stringify(row));
    });
  }

  items(run: RunId, map: MapShape, group: number | undefined): readonly StoredAttempt[] {
    const number = this.#numbers.find(run);
    if (number === undefined) return [];
    const rows =
      group === undefined
        ? this.#db.all("SELECT item, attempt, doc FROM items WHERE run = ? AND map = ? ORDER BY item, attempt", number, map.id)
        : this.#db.all(readGroup, JSON.stringify(itemsOf(map, group)), number, map.id);
    return rows.map(([item, attempt, doc]) => ({
      id: itemId(map.id, Number(item)),
      attempt: Number(attempt),
      row: this.#db.parse<AttemptRow>(doc),
    }));
  }

  /** Rows of the group's last items, at most `count`. */
  lastOf(run: RunId, map: MapShape, group: number, count: number): readonly StoredAttempt[] {
    return count === 0 ? [] : this.items(run, map, group).slice(-count);
  }

  #place({ id, attempt, item }: AttemptKey, run: number): readonly (string | number)[] {
    return item === undefined ? [run, id, attempt] : [run, item.map, item.index, attempt];
  }

  /** The row that is there may be the one that this write made before its response was lost (R6). */
  #lost(key: AttemptKey, row: AttemptRow): Won | Lost {
    const there = this.read(key);
    return there?.status === row.status && there.nonce === row.nonce ? won : { won: false, row: there };
  }
}

function sqlOf(key: AttemptKey): typeof narrow {
  return key.item === undefined ? narrow : items;
}
