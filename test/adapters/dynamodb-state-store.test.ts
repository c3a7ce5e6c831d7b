import { CreateTableCommand, DeleteTableCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe } from "vitest";
import { makeDynamoDbClient } from "../../src/adapters/aws/dynamodb-client.ts";
import { createTableRequest } from "../../src/adapters/aws/dynamodb-schema.ts";
import { DynamoDbStateStore } from "../../src/adapters/aws/dynamodb-state-store.ts";
import { stateStoreContract } from "../contracts/state-store.contract.ts";
import { fresh } from "../contracts/state-store/samples.ts";
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
});
