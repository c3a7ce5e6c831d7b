import { SkeinError } from "../../model/error.ts";
import { crashesWith } from "../run-crashes.ts";
import { cursorOf, duePage, pageLimit, positionOf } from "../run-position.ts";
import type { RunId } from "../../model/id.ts";
import type { RunEnd, RunRecord } from "../../model/run.ts";
import type { Page, RunQuery } from "../../ports/state-store.ts";
import type { Row, SqliteDatabase } from "./sqlite-database.ts";

const columns = "doc, due, crashes, ended";
const insert = `INSERT INTO runs (id, pipeline, made, status, due, crashes, ended, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET pipeline = excluded.pipeline, made = excluded.made, status = excluded.status, due = excluded.due,
  crashes = excluded.crashes, ended = excluded.ended, doc = excluded.doc WHERE doc IS NULL`;
const finish = "UPDATE runs SET status = ?, ended = ?, due = NULL WHERE id = ? AND doc IS NOT NULL AND ended IS NULL";
const crash = "UPDATE runs SET crashes = ? WHERE id = ?";
const moveDue = "UPDATE runs SET due = ?1 WHERE id = ?2 AND doc IS NOT NULL AND (due IS ?1 OR (due IS ?3 AND ended IS NULL))";

export class SqliteRuns {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  create(run: RunRecord): { readonly created: true } | { readonly created: false; readonly existing: RunRecord } {
    const { due, crashes, ended, ...doc } = run;
    const changing = [
      ended?.status ?? null,
      due ?? null,
      crashes === undefined ? null : JSON.stringify(crashes),
      ended === undefined ? null : JSON.stringify(ended),
    ];
    if (this.#db.run(insert, run.id, run.pipeline, run.createdAt, ...changing, JSON.stringify(doc)) === 1) return { created: true };
    const existing = this.read(run.id);
    return existing === undefined ? { created: true } : { created: false, existing };
  }

  read(run: RunId): RunRecord | undefined {
    const row = this.#db.get(`SELECT ${columns} FROM runs WHERE id = ? AND doc IS NOT NULL`, run);
    return row === undefined ? undefined : this.#record(row);
  }

  list(query: RunQuery): Page<RunRecord> {
    const limit = pageLimit(query);
    const start = positionOf(query.cursor);
    const conditions = ["doc IS NOT NULL"];
    const values: (string | number)[] = [];
    const add = (condition: string, ...given: readonly (string | number)[]) => {
      conditions.push(condition);
      values.push(...given);
    };
    if (query.pipeline !== undefined) add("pipeline = ?", query.pipeline);
    if (query.ended === "no") add("status IS NULL");
    else if (query.ended !== undefined) add("status = ?", query.ended);
    if (start !== undefined) add("(made, id) < (?, ?)", start.at, start.run);
    const rows = this.#db.all(
      `SELECT ${columns} FROM runs WHERE ${conditions.join(" AND ")} ORDER BY made DESC, id DESC LIMIT ?`,
      ...values,
      limit + 1,
    );
    const items = rows.slice(0, limit).map((row) => this.#record(row));
    const last = items.at(-1);
    return { items, ...(last !== undefined && rows.length > limit ? { cursor: cursorOf({ at: last.createdAt, run: last.id }) } : {}) };
  }

  finish(run: RunId, end: RunEnd): void {
    if (this.#db.run(finish, end.status, JSON.stringify(end), run) === 0) this.#mustExist(run);
  }

  countCrash(run: RunId, seq: number, invocation: string): number {
    return this.#db.transaction(() => {
      const record = this.read(run);
      if (record === undefined) throw unknownRun(run);
      const crashes = crashesWith(record.crashes, seq, invocation);
      if (crashes.seq > seq) return 0;
      this.#db.run(crash, JSON.stringify(crashes), run);
      return crashes.invocations.length;
    });
  }

  due(now: number, cursor: string | undefined): Page<{ readonly run: RunId; readonly due: number }> {
    const start = positionOf(cursor);
    const sql = `SELECT due, id FROM runs WHERE due IS NOT NULL AND due <= ? AND (due, id) > (?, ?) ORDER BY due, id LIMIT ${duePage + 1}`;
    const places = this.#db
      .all(sql, now, start?.at ?? -1, start?.run ?? "")
      .flatMap(([due, id]) => positionOf(`${String(due)}-${String(id)}`) ?? []);
    const items = places.slice(0, duePage);
    const last = items.at(-1);
    return {
      items: items.map(({ at, run }) => ({ run, due: at })),
      ...(last !== undefined && places.length > duePage ? { cursor: cursorOf(last) } : {}),
    };
  }

  setDue(run: RunId, expected: number | undefined, due: number | undefined): "set" | "lost" {
    if (this.#db.run(moveDue, due ?? null, run, expected ?? null) === 1) return "set";
    this.#mustExist(run);
    return "lost";
  }

  #record([doc, due, crashes, ended]: Row): RunRecord {
    return {
      ...this.#db.parse<RunRecord>(doc),
      ...(typeof due === "number" ? { due } : {}),
      ...(crashes === null ? {} : { crashes: this.#db.parse<NonNullable<RunRecord["crashes"]>>(crashes) }),
      ...(ended === null ? {} : { ended: this.#db.parse<RunEnd>(ended) }),
    };
  }

  #mustExist(run: RunId): void {
    if (this.read(run) === undefined) throw unknownRun(run);
  }
}

function unknownRun(run: RunId): SkeinError {
  return new SkeinError("unknown_run", `there is no run ${run}`);
}
