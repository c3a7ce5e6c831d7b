import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { SkeinError } from "../../model/error.ts";
import { sqliteError, isBusy } from "./sqlite-error.ts";
import { schema, schemaVersion } from "./sqlite-schema.ts";
import type { SQLInputValue, StatementSync } from "node:sqlite";

export interface SqliteOptions {
  /** The database file; it and its folder are made when they are not there. */
  readonly path: string;
  /** `NORMAL` (default) survives the death of every process, `FULL` also a power cut, at a disk flush for each write. */
  readonly synchronous?: "NORMAL" | "FULL";
  /** For observers: refuses writes, and makes nothing; `store_unavailable` where the file is not there. */
  readonly readOnly?: boolean;
  /** How long a write waits for those of other processes, in milliseconds; default 10,000. */
  readonly busyTimeoutMs?: number;
}

export type Row = readonly unknown[];

/** The file with its prepared statements. Everything thrown is a `SkeinError` that names the file. */
export class SqliteDatabase {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(options: SqliteOptions) {
    this.#path = options.path;
    this.#db = this.#guard(() => open(options));
    try {
      this.#guard(() => this.#prepareFile(options));
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** How many rows the statement changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#guard(() => {
      const row: unknown = this.#prepare(sql).get(...values);
      return Array.isArray(row) ? row : undefined;
    });
  }

  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#guard(() => {
      const rows: readonly unknown[] = this.#prepare(sql).all(...values);
      return areRows(rows) ? rows : [];
    });
  }

  /** All or nothing; waits its turn before it reads, so that what it reads holds when it writes. */
  transaction<T>(work: () => T): T {
    this.#guard(() => this.#db.exec("BEGIN IMMEDIATE"));
    try {
      const result = work();
      this.#guard(() => this.#db.exec("COMMIT"));
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** A document as it was written. */
  parse<T>(doc: unknown): T {
    if (typeof doc !== "string") throw new SkeinError("store_corrupt", `${this.#path}: a document is no text`);
    try {
      return JSON.parse(doc) as T;
    } catch (cause) {
      throw new SkeinError("store_corrupt", `${this.#path}: a document is no JSON: ${doc.slice(0, 80)}`, { cause });
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#guard(() => this.#db.close());
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }

  #prepareFile({ synchronous = "NORMAL", readOnly = false, busyTimeoutMs = 10_000 }: SqliteOptions): void {
    this.#db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (readOnly) {
      this.#db.exec("PRAGMA query_only = ON");
      this.#checkVersion();
      return;
    }
    // Two connections that turn a new file to WAL at once do not wait for each other by themselves.
    for (let tries = 0; ; tries++) {
      try {
        // Before anything is changed in a file that is not ours.
        if (!this.#isEmpty()) this.#checkVersion();
        this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
        break;
      } catch (error) {
        if (!isBusy(error instanceof SkeinError ? error.cause : error) || tries === 200) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    }
    if (this.#version() === 0) this.transaction(() => this.#create());
    this.#checkVersion();
  }

  /** Another process may have been faster. */
  #create(): void {
    if (this.#isEmpty()) this.#db.exec(schema);
  }

  #isEmpty(): boolean {
    return this.get("SELECT count(*) FROM sqlite_schema")?.[0] === 0;
  }

  #version(): number {
    return Number(this.get("PRAGMA user_version")?.[0]);
  }

  #checkVersion(): void {
    if (this.#version() === schemaVersion) return;
    if (this.#isEmpty()) throw nothingYet(this.#path);
    // Read again: all of it may have come at once in between.
    const version = this.#version();
    if (version === schemaVersion) return;
    const what =
      version === 0
        ? "is an SQLite file of another program"
        : `has version ${version} of the state's schema, this Skein knows ${schemaVersion}`;
    throw new SkeinError("store_version", `${this.#path} ${what}: use the Skein version that made it, or another folder`);
  }
}

function areRows(rows: readonly unknown[]): rows is readonly Row[] {
  return Array.isArray(rows[0]);
}

function open({ path, readOnly = false }: SqliteOptions): DatabaseSync {
  if (!readOnly) {
    mkdirSync(dirname(path), { recursive: true });
    return new DatabaseSync(path);
  }
  if (!existsSync(path)) throw nothingYet(path);
  // Opened for writing where possible: only then does SQLite take its side files away again when the last reader closes.
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "rw");
  return new DatabaseSync(url);
}

/** The file is not there, or who makes it has not got any further yet: `data.isEmpty` tells that from a store that is busy. */
function nothingYet(path: string): SkeinError {
  return new SkeinError("store_unavailable", `there is no state at ${path}: nothing has run here yet`, { data: { isEmpty: true } });
}
