import type { RunId } from "../../model/id.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

const maxKnown = 10_000;

/** The short numbers that stand for run ids in the tables. They never change, so this process may remember them. */
export class SqliteRunNumbers {
  readonly #db: SqliteDatabase;
  readonly #known = new Map<RunId, number>();

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  /** Undefined: nothing was ever written for this run. */
  find(run: RunId): number | undefined {
    return this.#known.get(run) ?? this.#remember(run, this.#db.get("SELECT n FROM runs WHERE id = ?", run)?.[0]);
  }

  /** Gives the run a number if it has none. */
  give(run: RunId): number {
    const known = this.find(run);
    if (known !== undefined) return known;
    this.#db.run("INSERT INTO runs (id) VALUES (?) ON CONFLICT DO NOTHING", run);
    const number = this.find(run);
    if (number === undefined) throw new Error(`${run} got no number`);
    return number;
  }

  #remember(run: RunId, number: unknown): number | undefined {
    if (typeof number !== "number") return undefined;
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(run, number);
    return number;
  }
}
