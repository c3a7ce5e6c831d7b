import { itemId } from "../../model/id.ts";
import { groupCount, shardCount, shardOf } from "../../model/latch.ts";
import { absent, all, is, running, runningWith } from "./dynamodb-condition.ts";
import { documentOf, packed } from "./dynamodb-document.ts";
import { keyItem, keyOf, text } from "./dynamodb-item.ts";
import { attemptKey, attemptOf, attemptRange, flagOf, itemOf, itemRange, mapFlags } from "./dynamodb-key.ts";
import { inParallel } from "./patience.ts";
import { nameOf, width } from "./dynamodb-table.ts";
import type { AttemptKey, AttemptRow, EndedAttempt } from "../../model/attempt.ts";
import type { RunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { Lost, MapFlags, MapGroup, StoredAttempt, Won } from "../../ports/state-store.ts";
import type { Clause } from "./dynamodb-condition.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { Item } from "./dynamodb-item.ts";
import type { DynamoDbTable } from "./dynamodb-table.ts";

const won: Won = { won: true };

/** Rows of attempts: in the run's partition those of narrow steps, in the shards of a map those of its items. */
export class DynamoDbAttempts {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;

  constructor(table: DynamoDbTable, expiry: DynamoDbExpiry) {
    this.#table = table;
    this.#expiry = expiry;
  }

  /** Absent → `row`. */
  insert(key: AttemptKey, row: AttemptRow): Promise<Won | Lost> {
    return this.#write(key, row, absent);
  }

  /** Running with `nonce` → `row`. */
  end(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost> {
    return this.#write(key, row, runningWith(nonce));
  }

  /** Beside the row, which so stays as its claimant wrote it. */
  async requestAbort(key: AttemptKey, reason: string): Promise<void> {
    await this.#table.update(attemptKey(key), {
      text: "#abort = :reason",
      values: { ":reason": text(reason) },
      condition: all(running, is("abort", undefined, "abort")),
    });
  }

  async read(keys: readonly AttemptKey[]): Promise<readonly (AttemptRow | undefined)[]> {
    const [first] = keys;
    if (first === undefined) return [];
    if (keys.length === 1) {
      const item = await this.#table.get(attemptKey(first));
      return [item === undefined ? undefined : rowOf(item)];
    }
    const places = keys.map(attemptKey);
    const found = await this.#table.batchGet(places);
    return places.map((place) => {
      const item = found.get(nameOf(place));
      return item === undefined ? undefined : rowOf(item);
    });
  }

  async list(run: RunId): Promise<readonly StoredAttempt[]> {
    const { PK, from, to } = attemptRange(run);
    const items = await this.#table.rangeItems(PK, from, to);
    return items.map((item) => ({ ...attemptOf(keyOf(item).SK), row: rowOf(item) }));
  }

  async record(rows: readonly { readonly key: AttemptKey; readonly row: EndedAttempt }[]): Promise<void> {
    await this.#table.batchInsert(rows.map(({ key, row }) => this.#item(key, row)));
  }

  async items(run: RunId, map: MapShape, group: number | undefined): Promise<readonly StoredAttempt[]> {
    const rows: { readonly index: number; readonly attempt: number; readonly row: AttemptRow }[] = [];
    await inParallel(placesOf(map, group), width, async (place) => {
      const { PK, from, to } = itemRange(run, map.id, place);
      for await (const page of this.#table.range(PK, from, to)) {
        for (const item of page) if (flagOf(keyOf(item).SK) === undefined) rows.push({ ...itemOf(keyOf(item).SK), row: rowOf(item) });
      }
    });
    rows.sort((a, b) => a.index - b.index || a.attempt - b.attempt);
    return rows.map(({ index, attempt, row }) => ({ id: itemId(map.id, index), attempt, row }));
  }

  async group(run: RunId, map: MapShape, group: number, count: number): Promise<MapGroup> {
    const { PK, from, to } = itemRange(run, map.id, { shard: shardOf(map, group), group });
    const items = await this.#table.lastItems(PK, from, to, count + mapFlags.length);
    const flags: { -readonly [K in keyof MapFlags]: true } = {};
    const last: StoredAttempt[] = [];
    for (const item of items) {
      const { SK } = keyOf(item);
      const flag = flagOf(SK);
      if (flag !== undefined) flags[flag] = true;
      else if (last.length < count) last.push({ id: itemId(map.id, itemOf(SK).index), attempt: itemOf(SK).attempt, row: rowOf(item) });
    }
    return { flags, last: last.reverse() };
  }

  async #write(key: AttemptKey, row: AttemptRow, condition: Clause): Promise<Won | Lost> {
    const written = await this.#table.put(this.#item(key, row), condition);
    if (written.held) return won;
    const there = written.there === undefined ? undefined : rowOf(written.there);
    // The row that is there may be the one that this write made before its response was lost (R6).
    return there?.status === row.status && there.nonce === row.nonce ? won : { won: false, row: there };
  }

  #item(key: AttemptKey, row: AttemptRow): Item {
    const place = attemptKey(key);
    return {
      ...keyItem(place),
      status: text(row.status),
      nonce: text(row.nonce),
      doc: packed(place, row),
      ...this.#expiry.row(row.status === "running" ? row.startedAt : row.endedAt),
    };
  }
}

function rowOf(item: Item): AttemptRow {
  const row = documentOf<AttemptRow>(item);
  const abort = item["abort"]?.S;
  return row.status === "running" && abort !== undefined ? { ...row, abort } : row;
}

function placesOf(map: MapShape, group: number | undefined): readonly { readonly shard: number; readonly group?: number }[] {
  if (group === undefined) return Array.from({ length: Math.min(shardCount(map), groupCount(map)) }, (_, shard) => ({ shard }));
  return [{ shard: shardOf(map, group), group }];
}
