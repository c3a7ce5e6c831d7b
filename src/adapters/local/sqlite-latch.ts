import { groupCount } from "../../model/latch.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { LatchMark, MapFlags } from "../../ports/state-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import type { SqliteRunNumbers } from "./sqlite-run-numbers.ts";

const raise = `INSERT INTO latch (run, map, level, node, watch, stop) VALUES (?, ?, 1, ?, ?, ?)
  ON CONFLICT DO UPDATE SET watch = coalesce(excluded.watch, watch), stop = coalesce(excluded.stop, stop)`;
const markDone = `INSERT INTO latch (run, map, level, node, done) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET done = coalesce(done, excluded.done) RETURNING done`;

export class SqliteLatch {
  readonly #db: SqliteDatabase;
  readonly #numbers: SqliteRunNumbers;

  constructor(db: SqliteDatabase, numbers: SqliteRunNumbers) {
    this.#db = db;
    this.#numbers = numbers;
  }

  marks(run: RunId, map: StepRunId, level: number, from: number, to: number): readonly LatchMark[] {
    const number = this.#numbers.find(run);
    if (number === undefined) return [];
    const sql =
      "SELECT node, done, watch, stop FROM latch WHERE run = ? AND map = ? AND level = ? AND node >= ? AND node < ? ORDER BY node";
    return this.#db.all(sql, number, map, level, from, to).map(([node, done, watch, stop]) => ({
      index: Number(node),
      done: done !== null,
      flags: { ...(watch === null ? {} : { watch: true }), ...(stop === null ? {} : { stop: true }) },
    }));
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
