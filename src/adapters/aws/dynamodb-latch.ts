import { groupCount, shardOf } from "../../model/latch.ts";
import { absent } from "./dynamodb-condition.ts";
import { keyItem, keyOf, text } from "./dynamodb-item.ts";
import { flagKey, mapFlags, nodeKey, nodeRanges } from "./dynamodb-key.ts";
import { inParallel } from "./patience.ts";
import { width } from "./dynamodb-table.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { MapFlags } from "../../ports/state-store.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { DynamoDbTable } from "./dynamodb-table.ts";

/** Each mark and each flag of a node is an item of its own, so that putting one is idempotent and never takes another away. */
export class DynamoDbLatch {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;
  readonly #now: () => number;

  constructor(table: DynamoDbTable, expiry: DynamoDbExpiry, now: () => number) {
    this.#table = table;
    this.#expiry = expiry;
    this.#now = now;
  }

  async marks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly number[]> {
    const marks: number[] = [];
    await inParallel(nodeRanges(run, map, level, from, to), width, async (range) => {
      const items = await this.#table.rangeItems(range.PK, range.from, range.to);
      marks.push(...items.map((item) => Number(keyOf(item).SK)));
    });
    return marks.sort((a, b) => a - b);
  }

  async mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there"> {
    const item = { ...keyItem(nodeKey(run, map, level, index)), nonce: text(nonce), ...this.#expiry.row(this.#now()) };
    const written = await this.#table.put(item, absent);
    return written.held || written.there?.["nonce"]?.S === nonce ? "marked" : "there";
  }

  /** With the rows of the groups' items, so that who looks at those sees the flags as well. */
  async flag(run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
    const raised = mapFlags.filter((flag) => flags[flag] === true);
    const expires = this.#expiry.row(this.#now());
    const groups = Array.from({ length: groupCount(map) }, (_, group) => group);
    await this.#table.batchPut(
      groups.flatMap((group) => {
        const place = { group, shard: shardOf(map, group) };
        return raised.map((flag) => ({ ...keyItem(flagKey(run, map.id, place, flag)), ...expires }));
      }),
    );
  }
}
