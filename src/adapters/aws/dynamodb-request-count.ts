import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** What a client has asked for so far. */
export interface RequestCount {
  /** Requests that went out, repetitions included, by operation (`PutItem`). */
  readonly requests: Readonly<Record<string, number>>;
  /** As DynamoDB reports them, indexes included. A write whose condition fails reports nothing and counts as the one unit that it costs at least. */
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly failedConditions: number;
}

const writes: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "BatchExecuteStatement"]);

/** Counts all that the client sends from now on; each call of the answer gives the counts since the call before. */
export function countRequests(client: DynamoDBClient): () => RequestCount {
  let requests: Record<string, number> = {};
  let units = { writes: 0, reads: 0, failed: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = (context["commandName"] ?? "unknown").replace(/Command$/, "");
      requests[operation] = (requests[operation] ?? 0) + 1;
      try {
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        units[writes.has(operation) ? "writes" : "reads"] += consumedBy(answer.output);
        return answer;
      } catch (error) {
        if (error instanceof Error && error.name === "ConditionalCheckFailedException") {
          units.writes += 1;
          units.failed += 1;
        }
        throw error;
      }
    },
    { name: "skeinCountRequests", step: "initialize" },
  );
  return () => {
    const count = { requests, writeUnits: units.writes, readUnits: units.reads, failedConditions: units.failed };
    requests = {};
    units = { writes: 0, reads: 0, failed: 0 };
    return count;
  };
}

function consumedBy(output: object): number {
  if (!("ConsumedCapacity" in output)) return 0;
  const consumed: ConsumedCapacity | readonly ConsumedCapacity[] = Object(output.ConsumedCapacity);
  const list = isList(consumed) ? consumed : [consumed];
  return list.reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
}

function isList(value: ConsumedCapacity | readonly ConsumedCapacity[]): value is readonly ConsumedCapacity[] {
  return Array.isArray(value);
}
