import { CreateLogGroupCommand, CreateLogStreamCommand, DeleteLogGroupCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CloudWatchLogReader } from "../../src/adapters/aws/cloudwatch-log-reader.ts";
import { LineLogSink } from "../../src/adapters/aws/line-log-sink.ts";
import { LogCursor } from "../../src/adapters/aws/log-cursor.ts";
import { makeLogsClient } from "../../src/adapters/aws/logs-client.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { LogRecord } from "../../src/model/log.ts";
import { fresh, freshRun } from "../contracts/state-store/samples.ts";
import { serviceError } from "./dynamodb-state-faults.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";

describe.skipIf(endpoint === undefined)(`CloudWatch log reader against a server${reason}`, () => {
  const client = makeLogsClient();
  const names = [fresh("orchestrator"), fresh("small")] as const;
  const began = Date.now();
  const reader = new CloudWatchLogReader({ functions: [...names, fresh("never-ran")], windowOf: async () => ({ from: began - 60_000 }) });
  const groupOf = (name: string) => `/aws/lambda/${name}`;
  beforeAll(async () => {
    for (const name of names) {
      await client.send(new CreateLogGroupCommand({ logGroupName: groupOf(name) }));
      for (const stream of ["a", "b"]) {
        await client.send(new CreateLogStreamCommand({ logGroupName: groupOf(name), logStreamName: stream }));
      }
    }
  });
  afterAll(async () => {
    for (const name of names) await client.send(new DeleteLogGroupCommand({ logGroupName: groupOf(name) }));
    client.destroy();
    reader.close();
  });

  /** As Lambda does it: each line that a function writes becomes an event, at the time when it comes. */
  async function written(name: string, stream: string, records: readonly LogRecord[], at = Date.now()): Promise<void> {
    const lines: string[] = ["START RequestId: 1 Version: 7\n"];
    new LineLogSink((text) => lines.push(...text.split(/(?<=\n)/))).write(records);
    lines.push("no JSON {", '{"level":"info"}', "END RequestId: 1\n");
    const logEvents = lines.map((message) => ({ timestamp: at, message }));
    await client.send(new PutLogEventsCommand({ logGroupName: groupOf(name), logStreamName: stream, logEvents }));
  }
  const messagesOf = async (run: LogRecord["run"], query: Parameters<CloudWatchLogReader["read"]>[1] = {}) =>
    (await reader.read(run, query)).records.map((r) => r.message);
  const lineOf = (run: LogRecord["run"], message: string, more: Partial<LogRecord> = {}): LogRecord => ({
    run,
    step: "fit",
    attempt: 1,
    at: 5,
    level: "info",
    message,
    ...more,
  });

  test("gives back the lines of one run, from all functions, by time", async () => {
    const [run, other] = [freshRun(), freshRun()];
    const records = [
      lineOf(run, "first", { at: 1, level: "debug", fields: { rmse: 0.5 } }),
      lineOf(run, "two\nlines 日本語", { at: 2, step: "fit[3]" }),
      lineOf(run, "same time", { at: 3 }),
      lineOf(run, "same time, later", { at: 3, level: "error" }),
      lineOf(run, "last", { at: 4 }),
    ];
    const [first, second, third, fourth, last] = records as [LogRecord, LogRecord, LogRecord, LogRecord, LogRecord];
    await written(names[1], "b", [second, lineOf(other, "theirs"), last]);
    await written(names[1], "a", [third, fourth]);
    await written(names[0], "a", [first]);
    expect((await reader.read(run)).records).toEqual(records);
    expect(await messagesOf(other)).toEqual(["theirs"]);
    expect(await messagesOf(freshRun())).toEqual([]);
  });

  test("ends a read that has a limit early, and goes on there, with the lines of one millisecond together", async () => {
    const run = freshRun();
    const at = Date.now() - 1_000;
    for (let i = 0; i < 4; i++) {
      await written(names[0], "a", [lineOf(run, `a${i}`, { at: 10 * i }), lineOf(run, `b${i}`, { at: 10 * i + 1 })], at + i * 10);
      await written(names[1], "a", [lineOf(run, `c${i}`, { at: 10 * i + 2 })], at + i * 10 + 2);
    }
    const read: string[] = [];
    let reads = 0;
    for (let cursor: string | undefined; ; reads++) {
      const page = await reader.read(run, { limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      read.push(...page.records.map((r) => r.message));
      if (page.records.length < 3) break;
      cursor = page.cursor;
    }
    expect(read).toEqual([0, 1, 2, 3].flatMap((i) => [`a${i}`, `b${i}`, `c${i}`]));
    expect(reads).toBeGreaterThan(1);
  });

  test("narrows to a step run and an attempt", async () => {
    const run = freshRun();
    await written(names[0], "a", [
      lineOf(run, "fit 1"),
      lineOf(run, "fit 2", { attempt: 2 }),
      lineOf(run, "item", { step: "fit[3]" }),
      lineOf(run, "fit_2", { step: "fit_2" }),
    ]);
    expect(await messagesOf(run, { step: "fit" })).toEqual(["fit 1", "fit 2"]);
    expect(await messagesOf(run, { step: "fit", attempt: 2 })).toEqual(["fit 2"]);
    expect(await messagesOf(run, { step: "fit[3]" })).toEqual(["item"]);
    expect(await messagesOf(run, { step: "none" })).toEqual([]);
  });

  test("goes on from a cursor, with nothing repeated and late lines not lost", async () => {
    const run = freshRun();
    const before = await reader.read(run);
    expect((await reader.read(run, { cursor: before.cursor })).cursor).toBe(before.cursor);
    await written(names[0], "a", [lineOf(run, "a"), lineOf(run, "b")]);
    const first = await reader.read(run, { cursor: before.cursor });
    expect(first.records.map((r) => r.message)).toEqual(["a", "b"]);
    await written(names[1], "a", [lineOf(run, "late")], Date.now() - 5_000);
    await written(names[0], "a", [lineOf(run, "a"), lineOf(run, "c")]);
    const second = await reader.read(run, { cursor: first.cursor });
    expect(second.records.map((r) => r.message).toSorted()).toEqual(["a", "c", "late"]);
    const third = await reader.read(run, { cursor: second.cursor });
    expect(third).toEqual({ records: [], cursor: second.cursor });
  });

  test("gives back many pages of lines", async () => {
    const run = freshRun();
    for (let page = 0; page < 3; page++) {
      await written(
        names[0],
        "b",
        Array.from({ length: 5_000 }, (_, i) => lineOf(run, `${page * 5_000 + i}`, { at: page * 5_000 + i })),
      );
    }
    const { records, cursor } = await reader.read(run);
    expect(records.map((r) => r.message)).toEqual(Array.from({ length: 15_000 }, (_, i) => `${i}`));
    expect(cursor.length).toBeLessThan(4_000);
  });
});

describe("log cursor", () => {
  const run = makeRunId(1_735_689_600_000, "aaaaaaaaaa");

  test.each(["x", "-1", "1.5", "", "1e3", "5", "5.abc", "5.abcdef.12", `${"9".repeat(40)}.`])("refuses %j", async (cursor) => {
    const reader = new CloudWatchLogReader({ functions: [], windowOf: async () => ({ from: 0 }) });
    await expect(reader.read(run, { cursor })).rejects.toMatchObject({ code: "bad_option" });
  });

  test("knows after its text what it knew before", () => {
    const events = Array.from({ length: 100 }, (_, i) => ({ id: `e${i}`, at: 1_000_000 + i * 100 }));
    const cursor = LogCursor.parse(undefined, 0).after(events);
    const again = LogCursor.parse(String(cursor), 77);
    expect(String(again)).toBe(String(cursor));
    expect(events.every((event) => again.has(event))).toBe(true);
    expect(again.has({ id: "other", at: 1_000_000 })).toBe(false);
    expect(again.from).toBeLessThanOrEqual(1_000_000);
  });

  test("looks back less where very much came at once, and never repeats", () => {
    const events = Array.from({ length: 5_000 }, (_, i) => ({ id: `e${i}`, at: 1_000_000 + Math.floor(i / 3) }));
    const cursor = LogCursor.parse(String(LogCursor.parse(undefined, 0).after(events)), 0);
    expect(events.filter((event) => event.at >= cursor.from && !cursor.has(event))).toEqual([]);
    expect(cursor.from).toBeGreaterThan(1_001_500);
    const burst = Array.from({ length: 1_000 }, (_, i) => ({ id: `b${i}`, at: 2_000_000 }));
    const after = cursor.after(burst);
    expect(burst.filter((event) => event.at >= after.from && !after.has(event))).toEqual([]);
  });

  test("moves on, never back", () => {
    const cursor = LogCursor.parse(undefined, 500_000).after([{ id: "a", at: 1_000_000 }]);
    expect(cursor.from).toBe(985_000);
    expect(cursor.after([{ id: "b", at: 990_000 }]).from).toBe(985_000);
    expect(cursor.after([{ id: "c", at: 1_020_000 }]).has({ id: "a", at: 1_000_000 })).toBe(false);
  });
});

describe("an answer of CloudWatch", () => {
  test.each([
    ["AccessDeniedException", "logs:FilterLogEvents"],
    ["ThrottlingException", "trying again later"],
  ])("%s becomes an error that names the group and helps", async (name, help) => {
    const onClient = (client: Parameters<NonNullable<ConstructorParameters<typeof CloudWatchLogReader>[0]["onClient"]>>[0]) =>
      client.middlewareStack.add(
        () => async () => {
          throw serviceError(name);
        },
        { name: "answering", step: "initialize" },
      );
    const reader = new CloudWatchLogReader({ functions: ["f"], windowOf: async () => ({ from: 0 }), region: "us-east-1", onClient });
    await expect(reader.read(makeRunId(1, "aaaaaaaaaa"))).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringMatching(new RegExp(`/aws/lambda/f .*${name}.*${help}`)),
    });
  });
});
