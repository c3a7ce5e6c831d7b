import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { absent, is, namesIn, valuesOf } from "./dynamodb-condition.ts";
import { documentOf } from "./dynamodb-document.ts";
import { keyItem, number, numberOf, text } from "./dynamodb-item.ts";
import { lastVersionKey, versionKey, versionRange } from "./dynamodb-key.ts";
import { nameOf } from "./dynamodb-table.ts";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { NamedVersion } from "../../ports/state-store.ts";
import type { DynamoDbExpiry } from "./dynamodb-expiry.ts";
import type { DynamoDbTable } from "./dynamodb-table.ts";

/** Why a transaction is cancelled that is worth another try; `None` stands for its other writes. */
const races: ReadonlySet<string> = new Set([
  "None",
  "ConditionalCheckFailed",
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);

/**
 * The versions of named artifacts. The last number stands in an item that never expires, so that numbers are never given twice;
 * it moves in one transaction with the version's item, which bears the artifact's id, so that an artifact gets one number.
 */
export class DynamoDbVersions {
  readonly #table: DynamoDbTable;
  readonly #expiry: DynamoDbExpiry;

  constructor(table: DynamoDbTable, expiry: DynamoDbExpiry) {
    this.#table = table;
    this.#expiry = expiry;
  }

  async add(name: string, version: NamedVersion): Promise<number> {
    for (const patience = this.#table.patience(); ;) {
      const head = lastVersionKey(name);
      const own = versionKey(name, version.artifact.id);
      const found = await this.#table.batchGet([head, own]);
      const old = numberOf(found.get(nameOf(own)), "version");
      if (old !== undefined) return old;
      const last = numberOf(found.get(nameOf(head)), "version");
      if (await this.#put(name, version, last)) return (last ?? 0) + 1;
      if (!(await patience.wait()))
        throw new SkeinError("store_unavailable", `the versions of ${name} are being written by too many at once; try again later`);
    }
  }

  async list(name: string): Promise<readonly (NamedVersion & { readonly version: number })[]> {
    const { PK, from, to } = versionRange(name);
    const items = await this.#table.rangeItems(PK, from, to);
    const versions = items.map((item) => ({ ...documentOf<NamedVersion>(item), version: numberOf(item, "version") ?? 0 }));
    return versions.sort((a, b) => b.version - a.version);
  }

  /** False: somebody was faster. */
  async #put(name: string, version: NamedVersion, last: number | undefined): Promise<boolean> {
    try {
      await this.#table.transact(randomUUID(), (table) => this.#writes(table, name, version, last));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reason = error.CancellationReasons?.find(({ Code = "None" }) => !races.has(Code));
      if (reason === undefined) return false;
      throw new SkeinError("store_unavailable", `version of ${name}: ${reason.Code}: ${reason.Message}`, { cause: error });
    }
  }

  #writes(table: string, name: string, version: NamedVersion, last: number | undefined): TransactWriteItem[] {
    const next = number((last ?? 0) + 1);
    const unchanged = is("version", last === undefined ? undefined : number(last), "last");
    const item = {
      ...keyItem(versionKey(name, version.artifact.id)),
      version: next,
      doc: text(JSON.stringify(version)),
      ...this.#expiry.row(version.at),
    };
    return [
      {
        Put: {
          TableName: table,
          Item: { ...keyItem(lastVersionKey(name)), version: next },
          ConditionExpression: unchanged.text,
          ...namesIn(unchanged.text),
          ...valuesOf(unchanged.values),
        },
      },
      { Put: { TableName: table, Item: item, ConditionExpression: absent.text, ...namesIn(absent.text) } },
    ];
  }
}
