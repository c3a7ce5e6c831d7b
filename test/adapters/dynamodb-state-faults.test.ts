import { expect, test, vi } from "vitest";
import { makeDynamoDbClient } from "../../src/adapters/aws/dynamodb-client.ts";
import { DynamoDbStateStore } from "../../src/adapters/aws/dynamodb-state-store.ts";
import { aLongEntry, aRun, anArtifact, anEnd, anEnding, anEntry, freshRun, item, step } from "../contracts/state-store/samples.ts";
import { answering, serviceError } from "./dynamodb-state-faults.ts";
import type { Answer } from "./dynamodb-state-faults.ts";

const map = { id: "score", items: 60, width: 500 };
const ok = { $metadata: {} };

/** A store whose requests nobody but `answer` sees. */
function opened(answer: Answer, options: { readonly patienceMs?: number } = {}) {
  const requests: [operation: string, input: Record<string, unknown>][] = [];
  const client = answering(makeDynamoDbClient({ region: "us-east-1" }), async (operation, input, real) => {
    requests.push([operation, { ...input }]);
    return answer(operation, input, real);
  });
  return { store: new DynamoDbStateStore({ client, table: "states", ...options }), requests };
}

/** Answers in this order; the last again and again. */
function inTurn(...answers: readonly (object | Error)[]): Answer {
  let next = 0;
  return async () => {
    const answer = answers[Math.min(next++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return { ...ok, ...answer };
  };
}

for (const error of [
  serviceError("ProvisionedThroughputExceededException"),
  serviceError("ThrottlingException"),
  serviceError("TransactionConflictException"),
  serviceError("InternalServerError", 500),
  serviceError("ServiceUnavailable", 503),
  serviceError("TimeoutError"),
  Object.assign(new Error("gone"), { code: "ECONNRESET" }),
]) {
  test(`is patient with ${error.name} ${"code" in error ? String(error.code) : ""}`, async () => {
    const { store, requests } = opened(inTurn(error, error, error, {}));
    expect(await store.append(freshRun(), anEntry(0))).toBe("appended");
    expect(requests).toHaveLength(4);
  });
}

test("gives up in time, and says so", async () => {
  const { store, requests } = opened(inTurn(serviceError("ThrottlingException")), { patienceMs: 60 });
  await expect(store.readHead(freshRun())).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringMatching(/states.*ThrottlingException.*later/),
  });
  expect(requests.length).toBeGreaterThan(1);
});

test("an answer that no repetition changes comes at once, with advice", async () => {
  for (const [name, advice] of [
    ["ResourceNotFoundException", "deploy"],
    ["AccessDeniedException", "grant"],
    ["ExpiredTokenException", "renew"],
  ] as const) {
    const { store, requests } = opened(inTurn(serviceError(name)));
    await expect(store.readRun(freshRun())).rejects.toMatchObject({ code: "store_unavailable", message: expect.stringContaining(advice) });
    expect(requests).toHaveLength(1);
  }
});

test("nobody at the endpoint is an error of ours", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const store = new DynamoDbStateStore({
    client: makeDynamoDbClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" }),
    table: "states",
    patienceMs: 50,
  });
  await expect(store.readRun(freshRun())).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("ECONNREFUSED"),
  });
  await store.close();
  vi.unstubAllEnvs();
});

test("what a batch of writes leaves over is written again, and nothing else", async () => {
  const written: unknown[] = [];
  const { store } = opened(async (_, input) => {
    const writes = "RequestItems" in input && input.RequestItems !== undefined ? Object.values(input.RequestItems).flat() : [];
    const half = Math.ceil(writes.length / 2);
    written.push(...writes.slice(0, half));
    return Object.assign({ ...ok }, { UnprocessedItems: writes.length > 1 ? { states: writes.slice(half) } : {} });
  });
  await store.flagMap(freshRun(), { id: "score", items: 60 * 32, width: 10_000 }, { watch: true });
  expect(new Set(written.map((w) => JSON.stringify(w))).size).toBe(60);
  expect(written).toHaveLength(60);
});

test("what a batch of reads leaves over is read again", async () => {
  const { store, requests } = opened(async (_, input) => {
    const { Keys: keys = [] } = ("RequestItems" in input ? Object(input.RequestItems) : {})["states"] ?? {};
    const row = JSON.stringify(anEnd("n"));
    const found = keys.slice(0, 40).map((key: object) => ({ ...key, doc: { S: row } }));
    return Object.assign(
      { ...ok },
      { Responses: { states: found }, UnprocessedKeys: keys.length > 40 ? { states: { Keys: keys.slice(40) } } : {} },
    );
  });
  const rows = await store.readAttempts(Array.from({ length: 150 }, (_, i) => step(freshRun(), `s_${i}`)));
  expect(rows.filter((row) => row?.nonce === "n")).toHaveLength(150);
  expect(requests.length).toBeGreaterThan(3);
});

test("a batch that never gets done is an error", async () => {
  const { store } = opened(
    async (_, input) => Object.assign({ ...ok }, { UnprocessedItems: "RequestItems" in input ? input.RequestItems : {} }),
    { patienceMs: 50 },
  );
  await expect(store.flagMap(freshRun(), map, { stop: true })).rejects.toMatchObject({ code: "store_unavailable" });
});

test("of recorded items only those are repeated that were refused for now", async () => {
  const sizes: number[] = [];
  const { store } = opened(async (_, input) => {
    const statements = "Statements" in input ? (input.Statements ?? []) : [];
    sizes.push(statements.length);
    return {
      ...ok,
      Responses: statements.map((__, i) =>
        i === 0 ? {} : { Error: { Code: i === 1 ? ("DuplicateItem" as const) : ("ThrottlingError" as const), Message: "" } },
      ),
    };
  });
  await store.recordItems(Array.from({ length: 6 }, (_, i) => ({ key: item(freshRun(), map, i), row: anEnd() })));
  expect(sizes).toEqual([6, 4, 2]);
});

test("a recorded item that is refused for good fails the batch", async () => {
  const { store } = opened(inTurn({ Responses: [{ Error: { Code: "AccessDenied", Message: "no" } }] }));
  await expect(store.recordItems([{ key: item(freshRun(), map, 0), row: anEnd() }])).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("AccessDenied"),
  });
});

test("a page that cannot be read fails the whole read: no shorter list", async () => {
  const page = {
    Items: [{ PK: { S: "r" }, SK: { S: "J#00000000" }, doc: { S: JSON.stringify(anEntry(0)) } }],
    LastEvaluatedKey: { PK: { S: "r" }, SK: { S: "J#00000000" } },
  };
  const { store, requests } = opened(inTurn(page, serviceError("AccessDeniedException")));
  await expect(store.readTail(freshRun(), -1)).rejects.toMatchObject({ code: "store_unavailable" });
  expect(requests.map(([, input]) => input["ExclusiveStartKey"])).toEqual([undefined, page.LastEvaluatedKey]);
});

test("an empty page is not the end", async () => {
  const entry = anEntry(0);
  const key = { PK: { S: "r" }, SK: { S: "J#00000000" } };
  const { store } = opened(inTurn({ Items: [], LastEvaluatedKey: key }, { Items: [{ ...key, doc: { S: JSON.stringify(entry) } }] }));
  expect((await store.readTail(freshRun(), -1)).entries).toEqual([entry]);
});

test("a row above 400 KB is refused before it is sent, by its name and size", async () => {
  const { store, requests } = opened(inTurn({}));
  await expect(store.append(freshRun(), aLongEntry(3, 560_000))).rejects.toMatchObject({
    code: "store_row_too_large",
    message: expect.stringMatching(/J#00000003 of 4\d\d KB.*400 KB/),
  });
  expect(requests).toEqual([]);
});

test("an item without its document, or with half of one, is damage", async () => {
  for (const doc of [undefined, { S: `{"v":` }]) {
    const { store } = opened(inTurn({ Item: { PK: { S: "r" }, SK: { S: "RUN" }, ...(doc === undefined ? {} : { doc }) } }));
    await expect(store.readRun(freshRun())).rejects.toMatchObject({ code: "store_corrupt", message: expect.stringContaining("RUN") });
  }
});

test("a transaction that was cancelled for another reason than a race is not tried for ever", async () => {
  const { TransactionCanceledException } = await import("@aws-sdk/client-dynamodb");
  const cancelled = new TransactionCanceledException({
    ...ok,
    message: "no",
    CancellationReasons: [{ Code: "None" }, { Code: "ValidationError", Message: "bad" }],
  });
  const { store, requests } = opened(inTurn({ Responses: { states: [] } }, cancelled));
  await expect(store.addVersion("model", { artifact: anArtifact("a"), run: freshRun(), at: 1 })).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("ValidationError"),
  });
  expect(requests).toHaveLength(2);
});

test("all reads of the table itself are consistent", async () => {
  const { store, requests } = opened(async () => ({ ...ok, Items: [], Responses: {} }), { patienceMs: 10 });
  const run = freshRun();
  await store.readRun(run);
  await store.readTail(run, 4);
  await store.readHead(run);
  await store.readAttempts([step(run)]);
  await store.readAttempts([step(run), step(run, "b")]);
  await store.listAttempts(run);
  await store.readItems(run, map);
  await store.readItems(run, map, 1);
  await store.readGroup(run, map, 1, 8);
  await store.readMarks(run, "score", 1, 0, 2);
  await store.readCache("k");
  await store.listVersions("m");
  await store.finishRun(run, anEnding()).catch(() => undefined);
  const loose = requests.filter(([, input]) => input["IndexName"] === undefined && !/"ConsistentRead":true/.test(JSON.stringify(input)));
  expect(loose).toEqual([]);
  expect(requests.length).toBeGreaterThan(12);
});

test("nothing expires before the longest run and the retention have passed since its run's start; caches go before artifacts", async () => {
  const expiries: Record<string, number | undefined> = {};
  const client = answering(makeDynamoDbClient({ region: "us-east-1" }), async (_, input) => {
    for (const one of itemsIn(input)) {
      const sort = one["SK"]?.S ?? "";
      const expires = one["expires"]?.N;
      expiries[sort.startsWith("S#") ? `S ${one["status"]?.S}` : sort] = expires === undefined ? undefined : Number(expires) * 1_000;
    }
    return { ...ok, Responses: {} };
  });
  const start = 1_764_000_000_000;
  const day = 86_400_000;
  const store = new DynamoDbStateStore({
    client,
    table: "states",
    retention: { maxDurationMs: 90 * day, retentionMs: 30 * day },
    now: () => start + 5_000,
  });
  const run = aRun({ createdAt: start });
  await store.createRun(run);
  await store.append(run.id, { ...anEntry(0), at: start + 1_000 });
  await store.claim(step(run.id), {
    status: "running",
    nonce: "n",
    invocation: "i",
    startedAt: start + 2_000,
    until: start,
    place: { kind: "thread" },
  });
  await store.end(step(run.id), { ...anEnd("n"), endedAt: start + 3_000 });
  await store.mark(run.id, "score", 1, 0, "n");
  await store.flagMap(run.id, { id: "score", items: 1, width: 5 }, { watch: true });
  await store.requestStop(run.id, { reason: "r", at: start + 4_000 });
  await store.addVersion("model", { artifact: anArtifact("a"), run: run.id, at: start + 6_000 });
  await store.writeCache("k", { outputs: {}, origin: { run: run.id, step: "fit" }, at: start });
  const until = start + 120 * day;
  expect(expiries).toEqual({
    forecast: until + 7_200_000,
    RUN: until,
    "J#00000000": until + 1_000,
    "S running": until + 2_000,
    "S ended": until + 3_000,
    "0000000": until + 5_000,
    "M#score#0000000#~watch": until + 5_000,
    "K#stop": until + 4_000,
    HEAD: undefined,
    [`V#${anArtifact("a").id}`]: until + 6_000,
    CACHE: start + 30 * day,
  });
  await store.writeCache("k", { outputs: {}, origin: { run: run.id, step: "fit" }, at: start, expiresAt: start + day });
  expect(expiries["CACHE"]).toBe(start + day);
});

type Attributes = Readonly<Record<string, { readonly S?: string | undefined; readonly N?: string | undefined }>>;

/** All that a request would put, wherever it stands in it. */
function itemsIn(request: unknown): readonly Attributes[] {
  if (typeof request !== "object" || request === null) return [];
  return Object.entries(request).flatMap(([name, value]): readonly Attributes[] => (name === "Item" ? [value] : itemsIn(value)));
}
