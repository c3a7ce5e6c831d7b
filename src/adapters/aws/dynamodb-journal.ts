import { SkeinError } from "../../model/error.ts";
import { absent } from "./dynamodb-condition.ts";
import { documentOf, packed } from "./dynamodb-document.ts";
import { keyItem, text } from "./dynamodb-item.ts";
import { entryKey, signalKey, signalSort, stopKey, stopSort, tailRange } from "./dynamodb-key.ts";
import type { JournalEntry } from "../../model/entry.ts";
import type { RunId } from "../../model/id.ts";
import { firstCome, type Signal } from "../../model/signal.ts";
import type { StopRequest, Tail } from "../../ports/state-store.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { DynamoDbTable } from "./dynamodb-table.ts";

export class DynamoDbJournal {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;

  constructor(table: DynamoDbTable, expiry: DynamoDbExpiry) {
    this.#table = table;
    this.#expiry = expiry;
  }

  async append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost"> {
    const key = entryKey(run, entry.seq);
    const item = {
      ...keyItem(key),
      nonce: text(entry.nonce),
      doc: packed(key, entry),
      ...this.#expiry.row(entry.at),
    };
    const written = await this.#table.put(item, absent);
    return written.held || written.there?.["nonce"]?.S === entry.nonce ? "appended" : "lost";
  }

  async tail(run: RunId, after: number): Promise<Tail> {
    const { PK, from, to } = tailRange(run, after);
    const entries: JournalEntry[] = [];
    const signals: Signal[] = [];
    let stop: StopRequest | undefined;
    for await (const page of this.#table.range(PK, from, to)) {
      for (const item of page) {
        const sort = item["SK"]?.S ?? "";
        if (sort === stopSort) stop = documentOf<StopRequest>(item);
        if (sort.startsWith(signalSort)) signals.push(documentOf<Signal>(item));
        if (!sort.startsWith("J#")) continue;
        const entry = documentOf<JournalEntry>(item);
        const seq = after + 1 + entries.length;
        if (entry.seq !== seq) throw new SkeinError("journal_incomplete", `the journal of ${run} has no entry ${seq}, but later ones`);
        entries.push(entry);
      }
    }
    return {
      entries,
      ...(stop === undefined ? {} : { stop }),
      ...(signals.length === 0 ? {} : { signals: signals.toSorted(firstCome) }),
    };
  }

  async sendSignal(run: RunId, signal: Signal): Promise<void> {
    const item = { ...keyItem(signalKey(run, signal)), doc: text(JSON.stringify(signal)), ...this.#expiry.row(signal.at) };
    await this.#table.put(item, absent);
  }

  async head(run: RunId): Promise<JournalEntry | undefined> {
    const query = {
      KeyConditionExpression: "PK = :run AND begins_with(SK, :journal)",
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
      ExpressionAttributeValues: { ":run": text(run), ":journal": text("J#") },
    };
    for await (const [item] of this.#table.pages(query)) if (item !== undefined) return documentOf<JournalEntry>(item);
    return undefined;
  }

  async requestStop(run: RunId, request: StopRequest): Promise<void> {
    await this.#table.put({ ...keyItem(stopKey(run)), doc: text(JSON.stringify(request)), ...this.#expiry.row(request.at) }, absent);
  }
}
