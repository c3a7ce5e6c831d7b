import { SkeinError } from "../../model/error.ts";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Readonly<Record<string, AttributeValue>>;
export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

export function text(value: string): AttributeValue {
  return { S: value };
}

export function number(value: number): AttributeValue {
  return { N: String(value) };
}

export function keyItem({ PK, SK }: ItemKey): Record<string, AttributeValue> {
  return { PK: text(PK), SK: text(SK) };
}

export function keyOf(item: Item): ItemKey {
  return { PK: item["PK"]?.S ?? "", SK: item["SK"]?.S ?? "" };
}

export function numberOf(item: Item | undefined, name: string): number | undefined {
  const value = item?.[name]?.N;
  return value === undefined ? undefined : Number(value);
}

/** The noun that the item holds as JSON. */
export function documentOf<T>(item: Item, name = "doc"): T {
  const { PK, SK } = keyOf(item);
  const doc = item[name]?.S;
  if (doc === undefined) throw new SkeinError("store_corrupt", `the item ${PK} ${SK} has no ${name}`);
  try {
    return JSON.parse(doc) as T;
  } catch (cause) {
    throw new SkeinError("store_corrupt", `the ${name} of the item ${PK} ${SK} is no JSON: ${doc.slice(0, 80)}`, { cause });
  }
}
