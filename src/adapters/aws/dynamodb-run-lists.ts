import { cursorOf, duePage, newestFirst, pageLimit, positionOf } from "../run-position.ts";
import { duePartition, pipelines, positionIn, positionSort, runKey } from "./dynamodb-key.ts";
import { namesIn } from "./dynamodb-condition.ts";
import { text } from "./dynamodb-item.ts";
import { inParallel } from "./patience.ts";
import { listName, recordOf } from "./dynamodb-runs.ts";
import { indexes } from "./dynamodb-schema.ts";
import { nameOf, width } from "./dynamodb-table.ts";
import type { RunId } from "../../model/id.ts";
import type { RunRecord } from "../../model/run.ts";
import type { Page, RunQuery } from "../../ports/state-store.ts";
import type { RunPosition } from "../run-position.ts";
import type { RunState } from "./dynamodb-runs.ts";
import type { DynamoDbTable } from "./dynamodb-table.ts";

const states: readonly RunState[] = ["open", "completed", "failed", "stopped"];

/** One partition of an index, from a place on. */
interface Stretch {
  readonly index: (typeof indexes)[keyof typeof indexes];
  readonly partition: string;
  /** Of sort keys, as `< :start`. */
  readonly edge: { readonly text: string; readonly values: Readonly<Record<string, string>> } | undefined;
  readonly forward: boolean;
  readonly limit: number;
}

/** Lists of runs, read from the two indexes: partition by partition, merged, then the RUN items themselves. */
export class DynamoDbRunLists {
  readonly #table: DynamoDbTable;

  constructor(table: DynamoDbTable) {
    this.#table = table;
  }

  async list(query: RunQuery): Promise<Page<RunRecord>> {
    const limit = pageLimit(query);
    const start = positionOf(query.cursor);
    const names = query.pipeline === undefined ? await this.#pipelines() : [query.pipeline];
    const wanted = query.ended === undefined ? states : [query.ended === "no" ? ("open" as const) : query.ended];
    const edge = start === undefined ? undefined : { text: "< :start", values: { ":start": positionSort(start) } };
    const places = await this.#merge(
      names.flatMap((name) =>
        wanted.map((state): Stretch => ({
          index: indexes.listing,
          partition: listName(name, state),
          edge,
          forward: false,
          limit: limit + 1,
        })),
      ),
    );
    // A run that ends while its lists are read may stand in both.
    const distinct = [...new Map(places.sort(newestFirst).map((place) => [place.run, place])).values()];
    const page = distinct.slice(0, limit);
    const found = await this.#table.batchGet(page.map((place) => runKey(place.run)));
    const items = page.flatMap((place) => {
      const item = found.get(nameOf(runKey(place.run)));
      return item === undefined ? [] : [recordOf(item)];
    });
    return { items: items.filter((run) => matches(run, query)), ...cursorAfter(page, distinct.length > limit) };
  }

  async due(now: number, cursor: string | undefined): Promise<Page<{ readonly run: RunId; readonly due: number }>> {
    const start = positionOf(cursor);
    const edge = {
      text: "BETWEEN :from AND :to",
      values: { ":from": start === undefined ? "0" : `${positionSort(start)} `, ":to": `${String(now).padStart(15, "0")}~` },
    };
    const places = await this.#read({ index: indexes.due, partition: duePartition, edge, forward: true, limit: duePage + 1 });
    const page = places.slice(0, duePage);
    return { items: page.map(({ run, at }) => ({ run, due: at })), ...cursorAfter(page, places.length > duePage) };
  }

  async #pipelines(): Promise<readonly string[]> {
    const items = await this.#table.rangeItems(pipelines, " ", "~");
    return items.flatMap((item) => item["SK"]?.S ?? []);
  }

  async #merge(stretches: readonly Stretch[]): Promise<RunPosition[]> {
    const places: RunPosition[] = [];
    await inParallel(stretches, width, async (stretch) => {
      places.push(...(await this.#read(stretch)));
    });
    return places;
  }

  async #read({ index, partition, edge, forward, limit }: Stretch): Promise<readonly RunPosition[]> {
    const places: RunPosition[] = [];
    const values = Object.entries({ ":partition": partition, ...edge?.values }).map(([name, value]): [string, ReturnType<typeof text>] => [
      name,
      text(value),
    ]);
    const condition = `#${index.partitionKey} = :partition${edge === undefined ? "" : ` AND #${index.sortKey} ${edge.text}`}`;
    const query = {
      IndexName: index.name,
      ScanIndexForward: forward,
      Limit: limit,
      KeyConditionExpression: condition,
      ...namesIn(condition),
      ExpressionAttributeValues: Object.fromEntries(values),
    };
    for await (const page of this.#table.pages(query)) {
      for (const item of page) {
        const place = positionIn(item[index.sortKey]?.S);
        if (place !== undefined) places.push(place);
      }
      if (places.length >= limit) break;
    }
    return places;
  }
}

function cursorAfter(page: readonly RunPosition[], more: boolean): { readonly cursor?: string } {
  const last = page.at(-1);
  return more && last !== undefined ? { cursor: cursorOf(last) } : {};
}

/** The index may lag behind the item. */
function matches(run: RunRecord, query: RunQuery): boolean {
  return query.ended === undefined || (run.ended?.status ?? "no") === query.ended;
}
