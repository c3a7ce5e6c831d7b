import { SkeinError } from "../../model/error.ts";
import { unpacked } from "./dynamodb-packing.ts";
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

/** The noun that the item holds as JSON, packed or not. */
export function documentOf<T>(item: Item, name = "doc"): T {
  const key = keyOf(item);
  const place = `the item ${key.PK} ${key.SK}`;
  const { S: json, B: bytes } = item[name] ?? {};
  if (json === undefined && bytes === undefined) throw new SkeinError("store_corrupt", `${place} has no ${name}`);
  try {
    return JSON.parse(bytes === undefined ? (json ?? "") : unpacked(key, bytes)) as T;
  } catch (cause) {
    const shown = bytes === undefined ? json?.slice(0, 80) : `${bytes.length} bytes`;
    throw new SkeinError("store_corrupt", `the ${name} of ${place} cannot be read: ${shown}`, { cause });
  }
}
