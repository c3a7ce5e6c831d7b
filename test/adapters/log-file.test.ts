import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LogFile } from "../../src/adapters/local/log-file.ts";
import { makeRunId, type RunId } from "../../src/model/id.ts";
import type { LogRecord } from "../../src/model/log.ts";
import { logSinkContract } from "../contracts/log-sink.contract.ts";

const writer = fileURLToPath(new URL("log-file-writer.ts", import.meta.url));
const run = makeRunId(1_735_689_600_000, "aaaaaaaaaa");
const record = (message: string): LogRecord => ({ run, at: 1, level: "info", message });

logSinkContract("files", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-logs-"));
  const sink = new LogFile(join(folder, "logs"));
  return { sink, reader: new LogFile(join(folder, "logs")), remove: async () => rmSync(folder, { recursive: true }) };
});

describe("log file", () => {
  let folder: string;
  let path: string;
  let log: LogFile;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "skein-logs-"));
    path = join(folder, `${run}.jsonl`);
    log = new LogFile(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const messages = async (cursor?: string) => (await log.read(run, cursor === undefined ? {} : { cursor })).records.map((r) => r.message);

  test("writes lines by itself soon, many in one go", async () => {
    log.write([record("a")]);
    log.write([record("b")]);
    expect(existsSync(path)).toBe(false);
    await vi.waitFor(() => expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3));
    expect(await messages()).toEqual(["a", "b"]);
  });

  test("does not let much wait", () => {
    log.write([record("x".repeat(70_000))]);
    expect(readFileSync(path, "utf8").length).toBeGreaterThan(70_000);
  });

  test("leaves a torn last line to a later read, which gives it when it is whole", async () => {
    log.write([record("whole")]);
    await log.flush();
    const line = JSON.stringify({ at: 2, level: "info", message: "törn" });
    const bytes = Buffer.from(`${line}\n`);
    appendFileSync(path, bytes.subarray(0, bytes.indexOf(0xc3) + 1));
    const first = await log.read(run);
    expect(first.records.map((r) => r.message)).toEqual(["whole"]);
    appendFileSync(path, bytes.subarray(bytes.indexOf(0xc3) + 1));
    expect(await messages(first.cursor)).toEqual(["törn"]);
  });

  test("a half line that a killed writer left swallows no line of others", async () => {
    writeFileSync(path, '{"at":1,"level":"info","mess');
    log.write([record("next")]);
    await log.flush();
    expect(await messages()).toEqual(["next"]);
  });

  test("passes over lines that are no records", async () => {
    writeFileSync(
      path,
      ["null", "3", "[]", "{}", '{"at":"1","level":"info","message":"x"}', '{"at":1,"level":"toString","message":"x"}', ""].join("\n"),
    );
    log.write([record("good")]);
    await log.flush();
    expect(await messages()).toEqual(["good"]);
  });

  test("four processes append to one run at once: no line is mixed up or lost, each one's order is kept", async () => {
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => promisify(execFile)(process.execPath, [writer, folder, run, name, "300"])));
    for (const name of names) {
      const { records } = await log.read(run, { step: name });
      expect(records.map((r) => r.message)).toEqual(Array.from({ length: 300 }, (_, i) => `${i} ${name.repeat((i % 50) ** 2 * 10)}`));
    }
  });

  test("can be followed while another process writes", async () => {
    const child = spawn(process.execPath, [writer, folder, run, "w", "400"], { stdio: "inherit" });
    const exited = once(child, "exit");
    const seen: string[] = [];
    let cursor = "0";
    let reads = 0;
    await vi.waitFor(
      async () => {
        const next = await log.read(run, { cursor });
        cursor = next.cursor;
        reads += next.records.length > 0 ? 1 : 0;
        seen.push(...next.records.map((r) => r.message.split(" ")[0] ?? ""));
        expect(seen.length).toBeGreaterThanOrEqual(400);
      },
      { timeout: 20_000, interval: 1 },
    );
    await exited;
    expect(seen).toEqual(Array.from({ length: 400 }, (_, i) => String(i)));
    expect(reads).toBeGreaterThan(1);
  });

  test("says store_unwritable at the flush, once, and goes on when it can", async () => {
    const blocked = join(folder, "logs");
    writeFileSync(blocked, "a file");
    const into = new LogFile(blocked);
    into.write([record("lost")]);
    await expect(into.flush()).rejects.toMatchObject({ code: "store_unwritable", message: expect.stringContaining(blocked) });
    await into.flush();
    rmSync(blocked);
    into.write([record("kept")]);
    await into.flush();
    expect((await into.read(run)).records.map((r) => r.message)).toEqual(["kept"]);
  });

  test("makes paths of run ids only", async () => {
    const bad = "../../etc/passwd" as RunId;
    await expect(log.read(bad)).rejects.toMatchObject({ code: "bad_option" });
    expect(() => log.write([{ ...record("x"), run: bad }])).toThrow(expect.objectContaining({ code: "bad_option" }));
    await log.flush();
  });
});
