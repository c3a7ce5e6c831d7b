import { describe, expect, test } from "vitest";
import { LineLogSink } from "../../src/adapters/aws/line-log-sink.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { LogRecord } from "../../src/model/log.ts";

const run = makeRunId(1_735_689_600_000, "aaaaaaaaaa");
const record = (message: string, more: Partial<LogRecord> = {}): LogRecord => ({ run, at: 1, level: "info", message, ...more });

/** Writes what it gets when it is let. */
function aWriter() {
  const texts: string[] = [];
  const waiting: ((error?: Error | null) => void)[] = [];
  return {
    write: (text: string, done: (error?: Error | null) => void) => {
      texts.push(text);
      waiting.push(done);
      return false;
    },
    lines: () => texts.join("").split("\n").slice(0, -1),
    finish: (error: Error | null = null) => waiting.splice(0).forEach((done) => done(error)),
  };
}

describe("lines of logs", () => {
  test("are records as JSON, one a line, in the order of writing", () => {
    const writer = aWriter();
    const sink = new LineLogSink(writer.write);
    const records = [record("two\nlines", { step: "fit[3]", attempt: 2, fields: { rmse: 0.5 } }), record("日本語"), record("", { at: 2 })];
    sink.write(records.slice(0, 2));
    sink.write(records.slice(2));
    sink.write([]);
    expect(writer.lines().map((line) => JSON.parse(line))).toEqual(records);
  });

  test("are flushed when the writer has taken all of them", async () => {
    const writer = aWriter();
    const sink = new LineLogSink(writer.write);
    await sink.flush();
    sink.write([record("a")]);
    sink.write([record("b")]);
    let isFlushed = false;
    const flushed = sink.flush().then(() => (isFlushed = true));
    await new Promise(setImmediate);
    expect(isFlushed).toBe(false);
    writer.finish();
    await flushed;
  });

  test("that cannot be written are told of once", async () => {
    const writer = aWriter();
    const sink = new LineLogSink(writer.write);
    sink.write([record("a")]);
    writer.finish(new Error("EPIPE"));
    await expect(sink.flush()).rejects.toMatchObject({ code: "store_unwritable", message: expect.stringContaining("EPIPE") });
    await sink.flush();
  });

  test.each([
    ["a long message", record("x".repeat(300_000)), /^x{150000,}.*\[cut: the line had 3000\d\d bytes of at most 200000\]$/s],
    ["one in another script", record("日".repeat(100_000)), /^日{50000,}.*\[cut: /s],
    ["one of characters that JSON escapes", record("\u0001".repeat(100_000)), /^\u0001{25000,}.*\[cut: /s],
    ["large fields", record("small", { fields: { text: "y".repeat(250_000) } }), /^small \[whole, its fields left out: /],
    ["both", record("x".repeat(300_000), { fields: { a: 1 } }), /^x{150000,}.*\[cut, its fields left out: /s],
  ])("with %s are shortened, and say so", (_, long, message) => {
    const writer = aWriter();
    new LineLogSink(writer.write).write([long]);
    const [line = ""] = writer.lines();
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200_000);
    const { message: kept, ...rest }: LogRecord = JSON.parse(line);
    expect(message.test(kept)).toBe(true);
    const { message: _message, fields: _fields, ...others } = long;
    expect(rest).toEqual(others);
  });

  test("of 200 KB stay whole", () => {
    const writer = aWriter();
    const long = record("x".repeat(199_000), { fields: { a: 1 } });
    new LineLogSink(writer.write).write([long]);
    expect(writer.lines().map((line) => JSON.parse(line))).toEqual([long]);
  });
});
