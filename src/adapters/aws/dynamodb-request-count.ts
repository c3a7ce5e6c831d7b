import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** What a client has asked for so far. */
export interface RequestCount {
  /** Requests that went out, repetitions included, by operation (`PutItem`). */
  readonly requests: Readonly<Record<string, number>>;
  /** As DynamoDB reports them, indexes included; a write whose condition fails reports nothing and counts as one, its least. */
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly failedConditions: number;
}

const writes: ReadonlySet<string> = new Set([
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "TransactWriteItems",
  "BatchExecuteStatement",
]);

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

/** The units that an answer names: one report, or one for each table, item or statement. */
function consumedBy(output: object): number {
  const reports: unknown = "ConsumedCapacity" in output ? output.ConsumedCapacity : [];
  const list: readonly unknown[] = Array.isArray(reports) ? reports : [reports];
  return list.reduce<number>((sum, report) => sum + unitsIn(report), 0);
}

function unitsIn(report: unknown): number {
  const named = typeof report === "object" && report !== null && "CapacityUnits" in report ? report.CapacityUnits : 0;
  return typeof named === "number" ? named : 0;
}
