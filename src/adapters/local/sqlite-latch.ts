import { groupCount } from "../../model/latch.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { MapFlags } from "../../ports/state-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { SqliteRunNumbers } from "./sqlite-run-numbers.ts";

const raise = `INSERT INTO latch (run, map, level, node, watch, stop) VALUES (?, ?, 1, ?, ?, ?)
  ON CONFLICT DO UPDATE SET watch = coalesce(excluded.watch, watch), stop = coalesce(excluded.stop, stop)`;
const marked = `SELECT node FROM latch
  WHERE run = ? AND map = ? AND level = ? AND node >= ? AND node < ? AND done IS NOT NULL ORDER BY node`;
const markDone = `INSERT INTO latch (run, map, level, node, done) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET done = coalesce(done, excluded.done) RETURNING done`;

export class SqliteLatch {
  readonly #db: SqliteDatabase;
  readonly #numbers: SqliteRunNumbers;

  constructor(db: SqliteDatabase, numbers: SqliteRunNumbers) {
    this.#db = db;
    this.#numbers = numbers;
  }

  marks(run: RunId, map: StepRunId, level: number, from: number, to: number): readonly number[] {
    const number = this.#numbers.find(run);
    if (number === undefined) return [];
    return this.#db.all(marked, number, map, level, from, to).map(([node]) => Number(node));
  }

  flags(run: RunId, map: StepRunId, group: number): MapFlags {
    const number = this.#numbers.find(run);
    const sql = "SELECT watch, stop FROM latch WHERE run = ? AND map = ? AND level = 1 AND node = ?";
    const [watch = null, stop = null] = (number === undefined ? undefined : this.#db.get(sql, number, map, group)) ?? [];
    return { ...(watch === null ? {} : { watch: true }), ...(stop === null ? {} : { stop: true }) };
  }

  mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): "marked" | "there" {
    const [done] = this.#db.get(markDone, this.#numbers.give(run), map, level, index, nonce) ?? [];
    return done === nonce ? "marked" : "there";
  }

  flag(run: RunId, map: MapShape, flags: MapFlags): void {
    const watch = flags.watch === true ? 1 : null;
    const stop = flags.stop === true ? 1 : null;
    if (watch === null && stop === null) return;
    const number = this.#numbers.give(run);
    this.#db.transaction(() => {
      for (let group = 0; group < groupCount(map); group++) this.#db.run(raise, number, map.id, group, watch, stop);
    });
  }
}
