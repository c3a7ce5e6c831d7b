import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SkeinError } from "../../model/error.ts";
import { namesIn, valuesOf } from "./dynamodb-condition.ts";
import { dynamoDbError, isTransient, isTransientCode, rowTooLarge } from "./dynamodb-error.ts";
import { keyItem, keyOf } from "./dynamodb-item.ts";
import { inParallel, Patience } from "./patience.ts";
import type {
  BatchStatementRequest,
  BatchStatementResponse,
  DynamoDBClient,
  QueryCommandInput,
  TransactWriteItem,
  WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { Clause } from "./dynamodb-condition.ts";
import type { Item, ItemKey } from "./dynamodb-item.ts";

export interface DynamoDbTableOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** How long a request is repeated that is throttled or finds nobody, in milliseconds; default 20,000. */
  readonly patienceMs?: number;
}

/** `there`: the item that made the condition fail. */
export type Written = { readonly held: true; readonly item: Item } | { readonly held: false; readonly there: Item | undefined };

/** What changes in one item: assignments as `#name = :value`, and names that go. */
export interface Change extends Clause {
  readonly remove?: string;
  readonly condition: Clause;
}

/** Limits of the service, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html. */
const maxItemBytes = 400 * 1_024;
const maxBatchGet = 100;
const maxBatchWrite = 25;
const maxStatements = 25;
/** Requests at once where one verb needs many. */
export const width = 32;

/** Reads and writes items of the one table: consistently, completely and patiently. Everything thrown is a `SkeinError`. */
export class DynamoDbTable {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #patienceMs: number;

  constructor({ client, table, patienceMs = 20_000 }: DynamoDbTableOptions) {
    this.#client = client;
    this.#table = table;
    this.#patienceMs = patienceMs;
  }

  async get(key: ItemKey): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.#table, Key: keyItem(key), ConsistentRead: true });
    const { Item: item } = await this.#patiently(() => this.#client.send(command));
    return item;
  }

  /** Replaces the item, where the condition holds for the one that is there. */
  async put(item: Item, condition?: Clause): Promise<Written> {
    this.#checkSize(item);
    const command = new PutItemCommand({
      TableName: this.#table,
      Item: item,
      ...conditionOf(condition),
      ...namesIn(condition?.text),
      ...valuesOf(condition?.values),
    });
    return this.#conditionally(async () => {
      await this.#client.send(command);
      return item;
    });
  }

  async update(key: ItemKey, change: Change): Promise<Written> {
    const expression = [change.text === "" ? "" : `SET ${change.text}`, change.remove === undefined ? "" : `REMOVE ${change.remove}`].join(
      " ",
    );
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyItem(key),
      UpdateExpression: expression,
      ReturnValues: "UPDATED_NEW",
      ...conditionOf(change.condition),
      ...namesIn(expression, change.condition.text),
      ...valuesOf(change.values, change.condition.values),
    });
    return this.#conditionally(async () => (await this.#client.send(command)).Attributes ?? {});
  }

  /** All pages of a query, one after the other. */
  async *pages(query: Omit<QueryCommandInput, "TableName">): AsyncGenerator<readonly Item[]> {
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const command = new QueryCommand({ ...query, TableName: this.#table, ...(from === undefined ? {} : { ExclusiveStartKey: from }) });
      const { Items: items = [], LastEvaluatedKey: last } = await this.#patiently(() => this.#client.send(command));
      yield items;
      from = last;
    } while (from !== undefined);
  }

  /** The items of one partition with sort keys `from` to `to`, both included. */
  range(partition: string, from: string, to: string): AsyncGenerator<readonly Item[]> {
    return this.pages(rangeQuery(partition, from, to));
  }

  /** The last items of such a range, at most `count`, the very last first. */
  async lastItems(partition: string, from: string, to: string, count: number): Promise<readonly Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages({ ...rangeQuery(partition, from, to), ScanIndexForward: false, Limit: count })) {
      items.push(...page);
      if (items.length >= count) break;
    }
    return items.slice(0, count);
  }

  async rangeItems(partition: string, from: string, to: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    for await (const page of this.range(partition, from, to)) items.push(...page);
    return items;
  }

  /** The items of these keys that are there, by `PK` and `SK`. */
  async batchGet(keys: readonly ItemKey[]): Promise<ReadonlyMap<string, Item>> {
    const found = new Map<string, Item>();
    const distinct = new Map(keys.map((key) => [nameOf(key), key]));
    await inParallel(chunks([...distinct.values()], maxBatchGet), width, async (chunk) => {
      const patience = this.patience();
      for (let rest: readonly ItemKey[] = chunk; rest.length > 0;) {
        const command = new BatchGetItemCommand({ RequestItems: { [this.#table]: { Keys: rest.map(keyItem), ConsistentRead: true } } });
        const answer = await this.#patiently(() => this.#client.send(command));
        for (const item of answer.Responses?.[this.#table] ?? []) found.set(nameOf(keyOf(item)), item);
        rest = (answer.UnprocessedKeys?.[this.#table]?.Keys ?? []).map(keyOf);
        if (rest.length > 0 && !(await patience.wait())) throw this.#exhausted("keys of a batch");
      }
    });
    return found;
  }

  /** Puts items whatever is there. */
  async batchPut(items: readonly Item[]): Promise<void> {
    await inParallel(
      chunks(
        items.map((item): WriteRequest => ({ PutRequest: { Item: item } })),
        maxBatchWrite,
      ),
      width,
      async (chunk) => {
        const patience = this.patience();
        for (let rest: WriteRequest[] = chunk; rest.length > 0;) {
          const command = new BatchWriteItemCommand({ RequestItems: { [this.#table]: rest } });
          const answer = await this.#patiently(() => this.#client.send(command));
          rest = answer.UnprocessedItems?.[this.#table] ?? [];
          if (rest.length > 0 && !(await patience.wait())) throw this.#exhausted("items of a batch");
        }
      },
    );
  }

  /**
   * Puts those items whose keys are free. PartiQL is the one batch whose writes have a condition, each of its own, at the price of
   * a `PutItem` each and a thirtieth of the processor time; the role needs `dynamodb:PartiQLInsert`.
   */
  async batchInsert(items: readonly Item[]): Promise<void> {
    // A request refuses a key that stands in it twice; the first is the one that stays.
    const distinct = new Map(items.toReversed().map((item) => [nameOf(keyOf(item)), item]));
    await inParallel(chunks([...distinct.values()], maxStatements), width, async (chunk) => {
      const patience = this.patience();
      for (let rest: readonly Item[] = chunk; rest.length > 0;) {
        const command = new BatchExecuteStatementCommand({ Statements: rest.map((item) => insertStatement(this.#table, item)) });
        const { Responses: responses = [] } = await this.#patiently(() => this.#client.send(command));
        rest = rest.filter((item, i) => this.#mustRepeat(item, responses[i]));
        if (rest.length > 0 && !(await patience.wait())) throw this.#exhausted("items of a batch");
      }
    });
  }

  /** All of these writes or none; the caller sees the SDK's `TransactionCanceledException`. */
  async transact(token: string, writes: (table: string) => TransactWriteItem[]): Promise<void> {
    const command = new TransactWriteItemsCommand({ ClientRequestToken: token, TransactItems: writes(this.#table) });
    await this.#patiently(() => this.#client.send(command));
  }

  /** For a loop of several requests. */
  patience(): Patience {
    return new Patience(this.#patienceMs);
  }

  close(): void {
    this.#client.destroy();
  }

  async #conditionally(write: () => Promise<Item>): Promise<Written> {
    try {
      return { held: true, item: await this.#patiently(write) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { held: false, there: error.Item };
      throw error;
    }
  }

  async #patiently<T>(request: () => Promise<T>): Promise<T> {
    const patience = this.patience();
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (isAnswer(error)) throw error;
        if (!isTransient(error) || !(await patience.wait())) throw dynamoDbError(error, this.#table);
      }
    }
  }

  /** An item that the answer does not speak of may not be there. */
  #mustRepeat(item: Item, response: BatchStatementResponse | undefined): boolean {
    if (response === undefined) return true;
    const error = response.Error;
    if (error === undefined || error.Code === "DuplicateItem") return false;
    if (isTransientCode(error.Code)) return true;
    this.#checkSize(item);
    throw new SkeinError("store_unavailable", `DynamoDB table ${this.#table}: ${error.Code}: ${error.Message} (${nameOf(keyOf(item))})`);
  }

  #checkSize(item: Item): void {
    let bytes = 0;
    for (const [name, value] of Object.entries(item))
      bytes += name.length + (value.B?.length ?? Buffer.byteLength(value.S ?? value.N ?? ""));
    if (bytes <= maxItemBytes) return;
    const { PK, SK } = keyOf(item);
    throw rowTooLarge(`the item ${PK} ${SK} of ${Math.ceil(bytes / 1_024)} KB`);
  }

  #exhausted(what: string): SkeinError {
    return new SkeinError(
      "store_unavailable",
      `DynamoDB table ${this.#table}: ${what} stayed unprocessed for ${this.#patienceMs} ms; try again later`,
    );
  }
}

export function nameOf({ PK, SK }: ItemKey): string {
  return `${PK} ${SK}`;
}

function rangeQuery(partition: string, from: string, to: string): Omit<QueryCommandInput, "TableName"> {
  return {
    KeyConditionExpression: "PK = :partition AND SK BETWEEN :from AND :to",
    ConsistentRead: true,
    ExpressionAttributeValues: { ":partition": { S: partition }, ":from": { S: from }, ":to": { S: to } },
  };
}

/** Not a fault: the answer of a conditional write. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && (error.name === "ConditionalCheckFailedException" || error.name === "TransactionCanceledException");
}

function insertStatement(table: string, item: Item): BatchStatementRequest {
  const attributes = Object.keys(item).map((name) => `'${name}': ?`);
  return { Statement: `INSERT INTO "${table}" VALUE {${attributes.join(", ")}}`, Parameters: Object.values(item) };
}

function conditionOf(condition: Clause | undefined) {
  return condition === undefined ? {} : { ConditionExpression: condition.text, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
