/** Written to `user_version`; a file with another number is not read (`store_version`). */
export const schemaVersion = 2;

/** Bits of a journal key that hold the entry's `seq`; the rest is the run's number, so that a run's entries lie side by side. */
const seqBits = 2 ** 28;
/** A run's greatest `seq` is kept for its stop request, which so comes with the tail in one range. */
export const stopSeq = seqBits - 1;
/** Its signals lie between the journal and that: each in the slot that a hash of its name and id gives, or the next that is free. */
export const signalSlots = 2 ** 16;
export const signalSeq = stopSeq - signalSlots;

export function journalKey(run: number, seq: number): number {
  return run * seqBits + seq;
}

export function seqOf(key: number): number {
  return key % seqBits;
}

/**
 * Run ids are written once and stand as numbers elsewhere. `doc` is the noun as JSON, without what has its own column and
 * changes. A run that nobody created but something was written for has a number and no `doc`. `holder` is the nonce of who
 * runs an attempt; null: it has ended.
 */
export const schema = `
  CREATE TABLE runs (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, pipeline TEXT, made INTEGER, status TEXT, due INTEGER,
    crashes TEXT, doc TEXT, ended TEXT
  );
  CREATE INDEX runs_made ON runs (made, id) WHERE doc IS NOT NULL;
  CREATE INDEX runs_open ON runs (made, id) WHERE doc IS NOT NULL AND status IS NULL;
  CREATE INDEX runs_pipeline ON runs (pipeline, made, id) WHERE doc IS NOT NULL;
  CREATE INDEX runs_due ON runs (due, id) WHERE due IS NOT NULL;
  CREATE TABLE journal (key INTEGER PRIMARY KEY, doc TEXT NOT NULL);
  CREATE TABLE attempts (
    run INTEGER, id TEXT, attempt INTEGER, holder TEXT, doc TEXT NOT NULL, PRIMARY KEY (run, id, attempt)
  ) WITHOUT ROWID;
  CREATE TABLE items (
    run INTEGER, map TEXT, item INTEGER, attempt INTEGER, holder TEXT, doc TEXT NOT NULL, PRIMARY KEY (run, map, item, attempt)
  ) WITHOUT ROWID;
  CREATE TABLE latch (
    run INTEGER, map TEXT, level INTEGER, node INTEGER, done TEXT, watch INTEGER, stop INTEGER, PRIMARY KEY (run, map, level, node)
  ) WITHOUT ROWID;
  CREATE TABLE cache (key TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE versions (name TEXT, version INTEGER, artifact TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
  CREATE UNIQUE INDEX versions_artifact ON versions (name, artifact);
  PRAGMA user_version = ${schemaVersion};
`;
