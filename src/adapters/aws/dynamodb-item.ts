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
