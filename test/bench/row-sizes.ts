import { DynamoDBClient, paginateScan, type AttributeValue } from "@aws-sdk/client-dynamodb";

/** Rows of one kind, in bytes as DynamoDB counts them: names and values. */
export interface RowSizes {
  readonly kind: string;
  readonly rows: number;
  readonly average: number;
  readonly largest: number;
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^RUN$/, "runs"],
  [/^J#/, "journal entries"],
  [/^S#/, "attempts of steps"],
  [/^M#/, "attempts of maps' items"],
  [/^\d+#/, "marks of maps' groups"],
  [/^CACHE$/, "cached outcomes"],
];

/** What a table holds, by kind; what is none of them is left out. */
export async function rowSizes(table: string): Promise<readonly RowSizes[]> {
  const sizes = new Map<string, number[]>(kinds.map(([, kind]) => [kind, []]));
  for await (const { Items = [] } of paginateScan({ client: new DynamoDBClient({}) }, { TableName: table })) {
    for (const item of Items) {
      const [, kind = ""] = kinds.find(([sort]) => sort.test(item["SK"]?.S ?? "")) ?? [];
      sizes.get(kind)?.push(bytesOf(item));
    }
  }
  return [...sizes].flatMap(([kind, bytes]) =>
    bytes.length === 0
      ? []
      : [{ kind, rows: bytes.length, average: bytes.reduce((sum, one) => sum + one, 0) / bytes.length, largest: Math.max(...bytes) }],
  );
}

function bytesOf(item: Readonly<Record<string, AttributeValue>>): number {
  return Object.entries(item).reduce((sum, [name, { S: text, N: number, B: bytes }]) => {
    return sum + Buffer.byteLength(name) + (bytes?.length ?? Buffer.byteLength(text ?? number ?? ""));
  }, 0);
}
