import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeRunId } from "../../src/model/id.ts";
import type { LogRecord } from "../../src/model/log.ts";
import type { LogReader, LogSink } from "../../src/ports/log-sink.ts";

/** What the suite needs of an adapter: an empty log, and what reads it, perhaps from elsewhere. */
export interface LogHarness {
  readonly sink: LogSink;
  readonly reader: LogReader;
  remove(): Promise<void>;
}

const run = makeRunId(1_735_689_600_000, "aaaaaaaaaa");
const otherRun = makeRunId(1_735_689_600_000, "bbbbbbbbbb");
const record = (message: string, more: Partial<LogRecord> = {}): LogRecord => ({
  run,
  at: 1_735_689_600_123,
  level: "info",
  message,
  ...more,
});

/** The suite that every log passes. */
export function logSinkContract(name: string, open: () => Promise<LogHarness>): void {
  describe(`log contract: ${name}`, () => {
    let harness: LogHarness;
    let sink: LogSink;
    let reader: LogReader;
    beforeEach(async () => {
      harness = await open();
      ({ sink, reader } = harness);
    });
    afterEach(async () => {
      await sink.flush();
      await harness.remove();
    });
    const messages = async (query: Parameters<LogReader["read"]>[1] = {}) => (await reader.read(run, query)).records.map((r) => r.message);

    test("gives back whole records in the order of writing", async () => {
      const records = [
        record("first", { step: "fit", attempt: 1, level: "debug", fields: { rmse: 0.5, nested: { list: [1, null, "x"] } } }),
        record("from the pipeline function", { level: "warn" }),
        record("same time, later", { step: "fit", attempt: 1, level: "error" }),
      ];
      sink.write(records.slice(0, 2));
      sink.write(records.slice(2));
      await sink.flush();
      expect((await reader.read(run)).records).toEqual(records);
    });

    test("keeps what a record said when it was written", async () => {
      const fields = { list: [1] };
      sink.write([record("then", { fields })]);
      fields.list.push(2);
      await sink.flush();
      expect((await reader.read(run)).records[0]?.fields).toEqual({ list: [1] });
    });

    test("keeps runs apart, and knows nothing of a run that logged nothing", async () => {
      sink.write([record("mine"), record("theirs", { run: otherRun }), record("mine too")]);
      await sink.flush();
      expect(await messages()).toEqual(["mine", "mine too"]);
      expect((await reader.read(otherRun)).records.map((r) => [r.run, r.message])).toEqual([[otherRun, "theirs"]]);
      const nothing = await reader.read(makeRunId(1_735_689_600_000, "cccccccccc"));
      expect(nothing.records).toEqual([]);
    });

    test("narrows to a step run and an attempt", async () => {
      sink.write([
        record("fit 1", { step: "fit", attempt: 1 }),
        record("fit 2", { step: "fit", attempt: 2 }),
        record("pipeline"),
        record("item 3", { step: "fit[3]", attempt: 1 }),
        record("item 30", { step: "fit[30]", attempt: 1 }),
        record("fit_2", { step: "fit_2", attempt: 1 }),
      ]);
      await sink.flush();
      expect(await messages({ step: "fit" })).toEqual(["fit 1", "fit 2"]);
      expect(await messages({ step: "fit", attempt: 2 })).toEqual(["fit 2"]);
      expect(await messages({ step: "fit[3]" })).toEqual(["item 3"]);
      expect(await messages({ attempt: 1 })).toEqual(["fit 1", "item 3", "item 30", "fit_2"]);
      expect(await messages({ step: "none" })).toEqual([]);
      expect(await messages()).toHaveLength(6);
    });

    test("goes on from a cursor, with nothing lost or repeated, also across what a filter leaves out", async () => {
      const before = await reader.read(run);
      sink.write([record("a", { step: "fit" }), record("b")]);
      await sink.flush();
      const first = await reader.read(run, { cursor: before.cursor, step: "fit" });
      expect(first.records.map((r) => r.message)).toEqual(["a"]);
      expect(await messages({ cursor: first.cursor })).toEqual([]);
      sink.write([record("c"), record("d", { step: "fit" })]);
      await sink.flush();
      const second = await reader.read(run, { cursor: first.cursor });
      expect(second.records.map((r) => r.message)).toEqual(["c", "d"]);
      expect((await reader.read(run, { cursor: second.cursor })).cursor).toBe(second.cursor);
    });

    test("ends a read that has a limit early, and goes on there", async () => {
      const lines = Array.from({ length: 7 }, (_, i) =>
        record(`line ${i}`, { at: 1_735_689_600_000 + i, step: i === 3 ? "other" : "fit" }),
      );
      sink.write(lines);
      await sink.flush();
      const read: string[] = [];
      for (let cursor: string | undefined; ;) {
        const page = await reader.read(run, { step: "fit", limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        read.push(...page.records.map((r) => r.message));
        if (page.records.length < 2) break;
        cursor = page.cursor;
      }
      expect(read).toEqual(["line 0", "line 1", "line 2", "line 4", "line 5", "line 6"]);
    });

    test.each(["x", "-1", "1.5", "", "1e3", "9".repeat(40)])("refuses the cursor %j", async (cursor) => {
      await expect(reader.read(run, { cursor })).rejects.toMatchObject({ code: "bad_option" });
    });

    test("keeps newlines, quotes, other scripts, lone surrogates, empty and long messages", async () => {
      const texts = ["two\nlines\r\n", '"quoted" \\ back', "日本語 🙂", "\ud800 alone", "", "\u2028\u0000", "x".repeat(300_000)];
      sink.write(texts.map((text) => record(text)));
      await sink.flush();
      expect(await messages()).toEqual(texts);
    });

    test("takes nothing, and many at once", async () => {
      sink.write([]);
      await sink.flush();
      sink.write(Array.from({ length: 20_000 }, (_, i) => record(`line ${i}`)));
      await sink.flush();
      const all = await messages();
      expect(all).toHaveLength(20_000);
      expect([all[0], all[9_999], all[19_999]]).toEqual(["line 0", "line 9999", "line 19999"]);
    });
  });
}
