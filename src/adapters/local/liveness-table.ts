import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseRunId } from "../../model/id.ts";
import type { RunId } from "../../model/id.ts";
import { sqliteError } from "./sqlite-error.ts";

/** Which process a run lives in, as that process wrote it down. */
export interface LiveRow {
  readonly pid: number;
  readonly born?: string | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Its command line, for people. */
  readonly command: string;
  /** Where it answers. */
  readonly socket: string;
  /** Tells this row from a later one of the same run. */
  readonly token: string;
}

const busyTimeoutMs = 5_000;
const schema = "CREATE TABLE IF NOT EXISTS live (run TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID";

/**
 * The rows of live runs, in an SQLite file of their own: a compare-and-swap that several processes can race for. It is opened
 * for each use, which comes once or twice a run. A power cut may lose it: then nothing lives.
 */
export class LiveTable {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes the file, and writes to it: what would refuse a row refuses now. */
  prepare(): void {
    this.#writing((db) => db.exec("INSERT INTO live (run, doc) VALUES ('', ''); DELETE FROM live WHERE run = ''"));
  }

  read(run: RunId): LiveRow | undefined {
    return this.#reading((db) => parse(db.prepare("SELECT doc FROM live WHERE run = ?").get(run)));
  }

  /** Rows of other runs, a few. */
  others(run: RunId, limit: number): readonly { readonly run: RunId; readonly row: LiveRow }[] {
    const rows = this.#reading((db) => db.prepare("SELECT run, doc FROM live WHERE run <> ? LIMIT ?").all(run, limit)) ?? [];
    return rows.flatMap((found) => {
      const other = parseRunId(String(found["run"]));
      const row = parse(found);
      return other === undefined || row === undefined ? [] : [{ run: other, row }];
    });
  }

  /** Puts `next` (or nothing) in the place of the row with the token `expected` (undefined: of none); false when another is there. */
  swap(run: RunId, expected: string | undefined, next: LiveRow | undefined): boolean {
    return this.#writing((db) => {
      const there = parse(db.prepare("SELECT doc FROM live WHERE run = ?").get(run));
      if (there?.token !== expected) return false;
      if (next === undefined) db.prepare("DELETE FROM live WHERE run = ?").run(run);
      else db.prepare("INSERT OR REPLACE INTO live (run, doc) VALUES (?, ?)").run(run, JSON.stringify(next));
      return true;
    });
  }

  #reading<T>(work: (db: DatabaseSync) => T): T | undefined {
    return existsSync(this.#path) ? this.#use(work) : undefined;
  }

  #writing<T>(work: (db: DatabaseSync) => T): T {
    return this.#use((db) => {
      db.exec("PRAGMA synchronous = OFF; BEGIN IMMEDIATE");
      const result = work(db);
      db.exec("COMMIT");
      return result;
    });
  }

  /** Readers open it for writing, too: only then can they undo what a killed writer has left half done. */
  #use<T>(work: (db: DatabaseSync) => T): T {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      using db = new DatabaseSync(this.#path, { timeout: busyTimeoutMs });
      db.exec(schema);
      return work(db);
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}

function parse(row: Record<string, unknown> | undefined): LiveRow | undefined {
  return typeof row?.["doc"] === "string" ? (JSON.parse(row["doc"]) as LiveRow) : undefined;
}
