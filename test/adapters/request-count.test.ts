import { beforeEach, describe, expect, it } from "vitest";
import { RequestCounter, type CountedClient } from "../../src/adapters/aws/request-count.ts";

type Middleware = Parameters<CountedClient["middlewareStack"]["add"]>[0];

let counter: RequestCounter;
beforeEach(() => {
  counter = new RequestCounter();
});

/** Sends through what the counter has put before a client of a service. */
function clientOf(serviceId: string) {
  const added: Middleware[] = [];
  counter.watch({ config: { serviceId }, middlewareStack: { add: (middleware) => added.push(middleware) } });
  return (operation: string, input: object, answer: object | Error) =>
    added[0]?.(
      async () => {
        if (answer instanceof Error) throw answer;
        return { output: answer };
      },
      { commandName: `${operation}Command` },
    )({ input });
}

const units = (CapacityUnits: number) => ({ ConsumedCapacity: { CapacityUnits } });

describe("the counter of requests", () => {
  it("counts what was sent, by service and operation, each repetition too", async () => {
    const [dynamoDb, s3] = [clientOf("DynamoDB"), clientOf("S3")];
    await dynamoDb("PutItem", {}, { ...units(2), $metadata: { attempts: 3 } });
    await dynamoDb("PutItem", {}, units(1));
    await s3("GetObject", {}, {});
    expect(counter.take()).toMatchObject({ requests: { DynamoDB: { PutItem: 4 }, S3: { GetObject: 1 } }, writeUnits: 3, readUnits: 0 });
    expect(counter.take()).toEqual({ requests: {}, writeUnits: 0, readUnits: 0, failedConditions: 0 });
  });

  it("counts a write whose condition fails as a unit", async () => {
    const failed = Object.assign(new Error("no"), { name: "ConditionalCheckFailedException" });
    await expect(clientOf("DynamoDB")("PutItem", {}, failed)).rejects.toBe(failed);
    expect(counter.take()).toMatchObject({ requests: { DynamoDB: { PutItem: 1 } }, writeUnits: 1, failedConditions: 1 });
  });

  it.each([
    ["a query of nothing", "Query", { ConsistentRead: true }, 0, 1],
    ["one that need not be consistent", "Query", {}, 0, 0.5],
    [
      "a batch of keys of which some are not there",
      "BatchGetItem",
      { RequestItems: { t: { Keys: [{}, {}, {}], ConsistentRead: true } } },
      1,
      3,
    ],
    ["a query of much", "Query", { ConsistentRead: true }, 7, 7],
  ])("counts %s as DynamoDB charges it", async (_what, operation, input, reported, charged) => {
    await clientOf("DynamoDB")(operation, input, units(reported));
    expect(counter.take().readUnits).toBe(charged);
  });
});
