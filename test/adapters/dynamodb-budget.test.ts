import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { makeDynamoDbClient } from "../../src/adapters/aws/dynamodb-client.ts";
import { createTableRequest } from "../../src/adapters/aws/dynamodb-schema.ts";
import { DynamoDbStateStore } from "../../src/adapters/aws/dynamodb-state-store.ts";
import { RequestCounter, type RequestCount } from "../../src/adapters/aws/request-count.ts";
import { pipeline, step } from "../../src/index.ts";
import { memoryStores, openMemoryEngine } from "../../src/testing.ts";
import { fresh } from "../contracts/state-store/samples.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";

const input = z.object({ data: z.number(), degree: z.number(), city: z.string() });
const next = ({ data }: z.infer<typeof input>) => data + 1;
const inline = step({ name: "train_inline", input, output: z.number() }, next);
const isolated = step({ name: "train_isolated", runtime: "isolated", input, output: z.number(), timeout: "5m" }, next);
const doubled = step(
  { name: "doubled", runtime: "isolated", input: z.object({ data: z.number() }), output: z.number() },
  ({ data }) => 2 * data,
);

function chainOf(trained: typeof inline) {
  return pipeline({ name: `chain_of_${trained.name}`, params: z.object({ steps: z.number() }) }, async ({ steps }) => {
    let last = await trained({ data: 0, degree: 3, city: "Seattle" });
    for (let i = 1; i < steps; i++) last = await trained({ data: last, degree: 3, city: "Seattle" });
    return last;
  });
}
const chains = { inline: chainOf(inline), isolated: chainOf(isolated) };
const wide = pipeline({ name: "wide", params: z.object({ items: z.number() }) }, async ({ items }) =>
  doubled.map({ data: Array.from({ length: items }, (_, i) => i) }, { maxConcurrency: 1 }),
);

describe.skipIf(endpoint === undefined)(`write and read units of runs against a server${reason}`, () => {
  const table = fresh("budget");
  const counter = new RequestCounter();
  const client = makeDynamoDbClient({ onClient: counter.watch });
  const state = new DynamoDbStateStore({ client, table, retention: { maxDurationMs: 1e9, retentionMs: 1e9 } });
  const engine = openMemoryEngine({ stores: { ...memoryStores(), state }, inlineValues: 0 });
  beforeAll(async () => {
    await client.send(new CreateTableCommand(createTableRequest(table)));
  });
  afterAll(async () => {
    await engine.close();
    await client.send(new DeleteTableCommand({ TableName: table }));
    client.destroy();
  });

  async function countsOf(run: () => Promise<unknown>): Promise<RequestCount> {
    counter.take();
    await run();
    return counter.take();
  }
  /** What each of 20 further ones costs. */
  async function each(run: (size: number) => Promise<unknown>): Promise<{ readonly writeUnits: number; readonly reads: number }> {
    // The first run of a pipeline writes its name down.
    await run(1);
    const few = await countsOf(() => run(5));
    const many = await countsOf(() => run(25));
    const readsOf = ({ requests }: RequestCount) =>
      ["GetItem", "BatchGetItem", "Query"].reduce((sum, name) => sum + (requests["DynamoDB"]?.[name] ?? 0), 0);
    return { writeUnits: (many.writeUnits - few.writeUnits) / 20, reads: (readsOf(many) - readsOf(few)) / 20 };
  }

  test("an inline step costs one write unit and no read", async () => {
    const { writeUnits, reads } = await each((steps) => engine.run(chains.inline, { steps }));
    expect(writeUnits).toBe(1);
    // A slow run is looked at once in a while: whether somebody wants to stop it.
    expect(reads).toBeLessThan(0.5);
  });

  test("an isolated step costs three write units and at most two reads", async () => {
    const { writeUnits, reads } = await each((steps) => engine.run(chains.isolated, { steps }));
    expect(writeUnits).toBe(3);
    expect(reads).toBeLessThanOrEqual(2);
  });

  test("an item of a map costs two write units", async () => {
    const { writeUnits } = await each((items) => engine.run(wide, { items }));
    expect(writeUnits).toBe(2);
  });
});
