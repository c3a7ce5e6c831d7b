import { DynamoDBClient, paginateQuery, paginateScan } from "@aws-sdk/client-dynamodb";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { documentOf } from "../../src/adapters/aws/dynamodb-document.ts";
import { keyOf, type Item } from "../../src/adapters/aws/dynamodb-item.ts";
import type { AttemptRow } from "../../src/model/attempt.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { RunEnd, RunRecord } from "../../src/model/run.ts";

/** A row of the table as it lies there. */
export interface Row {
  readonly PK: string;
  readonly SK: string;
  readonly doc: unknown;
  /** Of a RUN row that has ended: how. */
  readonly ended?: unknown;
}

export interface AttemptAt {
  readonly sort: string;
  readonly row: AttemptRow;
}

/** What a deployment has stored, item by item and object by object, read with the SDK. */
export class StoredState {
  readonly #table: string;
  readonly #bucket: string;
  readonly #dynamodb = new DynamoDBClient({});
  readonly #s3 = new S3Client({ forcePathStyle: true });

  constructor({ table, bucket }: { readonly table: string; readonly bucket: string }) {
    this.#table = table;
    this.#bucket = bucket;
  }

  async journal(run: string): Promise<readonly JournalEntry[]> {
    return (await this.#query(run, "J#")).map(({ doc }) => doc as JournalEntry);
  }

  async record(run: string): Promise<RunRecord | undefined> {
    const [row] = await this.#query(run, "RUN");
    if (row === undefined) return undefined;
    const { doc, ended } = row;
    return { ...(doc as RunRecord), ...(ended === undefined ? {} : { ended: ended as RunEnd }) };
  }

  /** The attempts of isolated steps, those of maps' items included. */
  async attempts(run: string): Promise<readonly AttemptAt[]> {
    const rows = await this.#scan("begins_with(PK, :run) AND (begins_with(SK, :step) OR begins_with(SK, :item))", {
      ":run": { S: run },
      ":step": { S: "S#" },
      ":item": { S: "M#" },
    });
    // The flags of maps lie among them, and hold nothing.
    return rows.flatMap(({ SK, doc }) => (doc === undefined ? [] : [{ sort: SK, row: doc as AttemptRow }]));
  }

  /** How many runs there are. */
  async countRuns(): Promise<number> {
    return (await this.#scan("SK = :run", { ":run": { S: "RUN" } })).length;
  }

  async object(key: string): Promise<Uint8Array> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    if (Body === undefined) throw new Error(`${key} has no body`);
    return Body.transformToByteArray();
  }

  async write(key: string, text: string): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: text }));
  }

  /** Where an object can be read, once it is there, or put, by whoever knows the address. */
  async address(key: string, how: "get" | "put" = "get"): Promise<string> {
    const object = { Bucket: this.#bucket, Key: key };
    const command = how === "get" ? new GetObjectCommand(object) : new PutObjectCommand(object);
    return getSignedUrl(this.#s3, command, { expiresIn: 3_600 });
  }

  async #scan(filter: string, values: Record<string, AttributeValue>): Promise<readonly Row[]> {
    const scan = { TableName: this.#table, ConsistentRead: true, FilterExpression: filter, ExpressionAttributeValues: values };
    const rows: Row[] = [];
    for await (const page of paginateScan({ client: this.#dynamodb }, scan)) rows.push(...(page.Items ?? []).map(rowOf));
    return rows;
  }

  async #query(partition: string, begins: string): Promise<readonly Row[]> {
    const rows: Row[] = [];
    const query = {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: "PK = :p AND begins_with(SK, :s)",
      ExpressionAttributeValues: { ":p": { S: partition }, ":s": { S: begins } },
    };
    for await (const page of paginateQuery({ client: this.#dynamodb }, query)) rows.push(...(page.Items ?? []).map(rowOf));
    return rows;
  }
}

function rowOf(item: Item): Row {
  const { PK, SK } = keyOf(item);
  const doc = item["doc"] === undefined ? undefined : documentOf(item);
  return { PK, SK, doc, ...(item["ended"] === undefined ? {} : { ended: documentOf(item, "ended") }) };
}
