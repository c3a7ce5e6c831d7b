import type { NamedVersion } from "../../ports/state-store.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/** The versions of named artifacts. */
export class SqliteVersions {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  add(name: string, version: NamedVersion): number {
    return this.#db.transaction(() => {
      const old = this.#db.get("SELECT version FROM versions WHERE name = ? AND artifact = ?", name, version.artifact.id);
      if (old !== undefined) return Number(old[0]);
      const next = Number(this.#db.get("SELECT coalesce(max(version), 0) + 1 FROM versions WHERE name = ?", name)?.[0]);
      this.#db.run(
        "INSERT INTO versions (name, version, artifact, doc) VALUES (?, ?, ?, ?)",
        name,
        next,
        version.artifact.id,
        JSON.stringify(version),
      );
      return next;
    });
  }

  list(name: string): readonly (NamedVersion & { readonly version: number })[] {
    const rows = this.#db.all("SELECT version, doc FROM versions WHERE name = ? ORDER BY version DESC", name);
    return rows.map(([version, doc]) => ({ ...this.#db.parse<NamedVersion>(doc), version: Number(version) }));
  }
}
