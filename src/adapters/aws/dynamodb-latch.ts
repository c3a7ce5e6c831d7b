import { groupCount } from "../../model/latch.ts";
import { absent } from "./dynamodb-condition.ts";
import { keyItem, keyOf, text } from "./dynamodb-item.ts";
import { nodeKey, nodeOf, nodeRanges } from "./dynamodb-key.ts";
import { inParallel } from "./patience.ts";
import { width } from "./dynamodb-table.ts";
import type { RunId, StepRunId } from "../../model/id.ts";
import type { MapShape } from "../../model/task.ts";
import type { LatchMark, MapFlags } from "../../ports/state-store.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { Item } from "./dynamodb-item.ts";
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

  async marks(run: RunId, map: StepRunId, level: number, from: number, to: number): Promise<readonly LatchMark[]> {
    const items: Item[] = [];
    await inParallel(nodeRanges(run, map, level, from, to), width, async (range) => {
      items.push(...(await this.#table.rangeItems(range.PK, range.from, range.to)));
    });
    const marks = new Map<number, LatchMark>();
    for (const item of items) {
      const { node, fact } = nodeOf(keyOf(item).SK);
      const mark = marks.get(node) ?? { index: node, done: false, flags: {} };
      marks.set(node, fact === "done" ? { ...mark, done: true } : { ...mark, flags: { ...mark.flags, [fact]: true } });
    }
    return [...marks.values()].sort((a, b) => a.index - b.index);
  }

  async mark(run: RunId, map: StepRunId, level: number, index: number, nonce: string): Promise<"marked" | "there"> {
    const item = { ...keyItem(nodeKey(run, map, level, index, "done")), nonce: text(nonce), ...this.#expiry.row(this.#now()) };
    const written = await this.#table.put(item, absent);
    return written.held || written.there?.["nonce"]?.S === nonce ? "marked" : "there";
  }

  async flag(run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
    const raised = (["watch", "stop"] as const).filter((flag) => flags[flag] === true);
    const expires = this.#expiry.row(this.#now());
    const groups = Array.from({ length: groupCount(map) }, (_, group) => group);
    await this.#table.batchPut(
      groups.flatMap((group) => raised.map((flag) => ({ ...keyItem(nodeKey(run, map.id, 1, group, flag)), ...expires }))),
    );
  }
}
