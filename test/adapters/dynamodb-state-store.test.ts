import { CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeDynamoDbClient } from "../../src/adapters/aws/dynamodb-client.ts";
import { countRequests } from "../../src/adapters/aws/request-count.ts";
import { createTableRequest } from "../../src/adapters/aws/dynamodb-schema.ts";
import { DynamoDbStateStore } from "../../src/adapters/aws/dynamodb-state-store.ts";
import { stateStoreContract } from "../contracts/state-store.contract.ts";
import { aClaim, aRun, anEnd, anEnding, anEntry, fresh, freshRun, item, step } from "../contracts/state-store/samples.ts";
import { loseFirstResponses } from "./dynamodb-state-faults.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";
const table = fresh("skein");

describe.skipIf(endpoint === undefined)(`DynamoDB state store against a server${reason}`, () => {
  const client = makeDynamoDbClient({ endpoint });
  beforeAll(async () => {
    await client.send(new CreateTableCommand(createTableRequest(table)));
    await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName: table });
  });
  afterAll(async () => {
    await client.send(new DeleteTableCommand({ TableName: table }));
    client.destroy();
  });

  stateStoreContract("DynamoDB", async () => ({
    store: new DynamoDbStateStore({ client: makeDynamoDbClient({ endpoint }), table }),
    another: async () => new DynamoDbStateStore({ client: makeDynamoDbClient({ endpoint }), table }),
    losing: async () => new DynamoDbStateStore({ client: loseFirstResponses(makeDynamoDbClient({ endpoint })), table }),
  }));

  describe("price of each verb in requests and write units", () => {
    const counted = makeDynamoDbClient({ endpoint });
    const counts = countRequests(counted);
    const store = new DynamoDbStateStore({ client: counted, table });
    afterAll(() => store.close());
    const price = async (act: () => Promise<unknown>) => {
      counts();
      await act();
      const { requests, writeUnits } = counts();
      return [
        Object.entries(requests)
          .map(([name, n]) => `${n} ${name}`)
          .toSorted()
          .join(", "),
        writeUnits,
      ];
    };

    test("a step", async () => {
      const run = freshRun();
      const claim = aClaim();
      expect(await price(() => store.append(run, anEntry(0)))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.append(run, anEntry(0)))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.claim(step(run), claim))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.end(step(run), anEnd(claim.nonce)))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.settle(step(run, "never"), anEnd()))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.readTail(run, -1))).toEqual(["1 Query", 0]);
      expect(await price(() => store.readHead(run))).toEqual(["1 Query", 0]);
      expect(await price(() => store.readAttempts([step(run)]))).toEqual(["1 GetItem", 0]);
      expect(await price(() => store.readAttempts(Array.from({ length: 100 }, (_, i) => step(run, `s_${i}`))))).toEqual([
        "1 BatchGetItem",
        0,
      ]);
      expect(await price(() => store.readCache("k"))).toEqual(["1 GetItem", 0]);
      expect(await price(() => store.writeCache(fresh("k"), { outputs: {}, origin: { run, step: "fit" }, at: 1 }))).toEqual([
        "1 PutItem",
        1,
      ]);
    });

    test("a map", async () => {
      const run = freshRun();
      const map = { id: "score", items: 2_000, width: 500 };
      const claim = aClaim();
      expect(await price(() => store.claim(item(run, map, 3), claim))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.end(item(run, map, 3), anEnd(claim.nonce)))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.readItems(run, map, 3))).toEqual(["1 Query", 0]);
      expect(await price(() => store.readItems(run, map))).toEqual(["4 Query", 0]);
      expect(await price(() => store.readGroup(run, map, 3, 8))).toEqual(["1 Query", 0]);
      expect(await price(() => store.readMarks(run, "score", 1, 32, 64))).toEqual(["1 Query", 0]);
      expect(await price(() => store.mark(run, "score", 1, 3, "n"))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.flagMap(run, map, { watch: true }))).toEqual(["20 BatchWriteItem", 500]);
      expect(
        (await price(() => store.recordItems(Array.from({ length: 100 }, (_, i) => ({ key: item(run, map, i + 10), row: anEnd() })))))[0],
      ).toBe("4 BatchExecuteStatement");
    });

    test("a run", async () => {
      const pipeline = fresh("priced");
      await store.createRun(aRun({ pipeline }));
      const run = aRun({ pipeline, due: 5 });
      expect(await price(() => store.createRun(run))).toEqual(["1 PutItem", 3]);
      expect(await price(() => store.setDue(run.id, 5, 6))).toEqual(["1 UpdateItem", 3]);
      expect(await price(() => store.requestStop(run.id, { reason: "r", at: 1 }))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.sendSignal(run.id, { id: "1", name: "answer", text: "5", at: 1 }))).toEqual(["1 PutItem", 1]);
      expect(await price(() => store.finishRun(run.id, anEnding()))).toEqual(["1 GetItem, 1 UpdateItem", 4]);
    });
  });
});
