import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeEach, expect, test } from "vitest";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { aRun, anEntry, fresh, freshRun } from "../contracts/state-store/samples.ts";

const root = mkdtempSync(join(tmpdir(), "skein-state-file-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = "";
let path = "";
beforeEach(() => {
  folder = join(root, fresh("f"));
  path = join(folder, "state.db");
});

function code(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof Error && "code" in error && error.message.includes(path) ? error.code : error;
  }
  return "no error";
}

async function filled(): Promise<ReturnType<typeof aRun>> {
  const store = new SqliteStateStore({ path });
  const run = aRun();
  await store.createRun(run);
  for (let seq = 0; seq < 500; seq++) await store.append(run.id, anEntry(seq));
  await store.close();
  return run;
}

test("a file that is closed is one file, and opens again with all that was in it", async () => {
  const run = await filled();
  expect(readdirSync(folder)).toEqual(["state.db"]);
  const store = new SqliteStateStore({ path });
  expect(await store.readRun(run.id)).toEqual(run);
  expect((await store.readTail(run.id, 400)).entries).toHaveLength(99);
  await store.close();
});

test("a journal of many pages of rows is read whole, stop request included", async () => {
  const store = new SqliteStateStore({ path });
  const run = freshRun();
  for (let seq = 0; seq < 2_500; seq++) await store.append(run, anEntry(seq));
  const seqs = async (after: number) => (await store.readTail(run, after)).entries.map((e) => e.seq);
  expect(await seqs(-1)).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  for (const after of [499, 500, 1_499, 1_500]) expect(await seqs(after)).toHaveLength(2_499 - after);
  await store.requestStop(run, { reason: "enough", at: 1 });
  for (const after of [-1, 500, 1_499]) expect(await store.readTail(run, after)).toMatchObject({ stop: { reason: "enough" } });
  await store.close();
});

const signalNo = (i: number) => ({ id: `${i}`, name: "answer", text: "null", at: i });

test("signals of many pages of rows are read whole, behind a journal and before the stop request", async () => {
  const store = new SqliteStateStore({ path });
  const run = freshRun();
  for (let seq = 0; seq < 900; seq++) await store.append(run, anEntry(seq));
  for (let i = 0; i < 2_300; i++) await store.sendSignal(run, signalNo(i));
  await store.requestStop(run, { reason: "enough", at: 1 });
  for (const after of [-1, 500, 899]) {
    const { entries, signals, stop } = await store.readTail(run, after);
    expect(entries).toHaveLength(899 - after);
    expect(signals?.map(({ at }) => at)).toEqual(Array.from({ length: 2_300 }, (_, i) => i));
    expect(stop).toMatchObject({ reason: "enough" });
  }
  expect((await store.readHead(run))?.seq).toBe(899);
  expect(await store.append(run, anEntry(900))).toBe("appended");
  await store.close();
});

test("a run has room for 65,536 signals, beside its neighbours'", async () => {
  const store = new SqliteStateStore({ path });
  const [before, run, after] = [aRun(), aRun(), aRun()];
  for (const { id } of [before, run, after]) {
    await store.append(id, anEntry(0));
    await store.sendSignal(id, signalNo(-1));
  }
  const db = new DatabaseSync(path);
  // Its number is 2; one slot in the middle of all others stays free.
  db.exec(`WITH RECURSIVE slot (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM slot WHERE n < 65535)
    INSERT INTO journal (key, doc) SELECT 2 * 268435456 + 268435455 - 65536 + n, '{"id":"full","name":"answer","text":"null","at":' || n || '}'
    FROM slot WHERE n != 30000 ON CONFLICT DO NOTHING`);
  db.close();
  await store.sendSignal(run.id, signalNo(-1));
  await store.sendSignal(run.id, signalNo(-2));
  await store.sendSignal(run.id, signalNo(-2));
  await expect(store.sendSignal(run.id, signalNo(-3))).rejects.toMatchObject({
    code: "store_unwritable",
    message: expect.stringContaining("65536 signals"),
  });
  const tail = await store.readTail(run.id, -1);
  expect(tail.entries).toHaveLength(1);
  expect(tail.signals).toHaveLength(65_536);
  expect(tail.signals?.[0]).toEqual(signalNo(-2));
  for (const { id } of [before, after])
    expect(await store.readTail(id, -1)).toMatchObject({ entries: [{ seq: 0 }], signals: [signalNo(-1)] });
  await store.requestStop(run.id, { reason: "enough", at: 1 });
  expect(await store.readTail(run.id, 0)).toMatchObject({ entries: [], stop: { reason: "enough" } });
  await store.close();
});

test("a store that is closed says so, and closing again is no error", async () => {
  const store = new SqliteStateStore({ path });
  await store.close();
  await store.close();
  await expect(store.readRun(freshRun())).rejects.toMatchObject({ code: "store_unavailable" });
});

test("what is no SQLite file is not touched", () => {
  mkdirSync(folder);
  writeFileSync(path, "a,b,c\n".repeat(1_000));
  expect(code(() => new SqliteStateStore({ path }))).toBe("store_corrupt");
  expect(readFileSync(path, "utf8")).toBe("a,b,c\n".repeat(1_000));
});

test("a damaged file is found when it is read", async () => {
  const run = await filled();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0x41, 4_096 * 3));
  const store = new SqliteStateStore({ path });
  await expect(store.readTail(run.id, -1)).rejects.toMatchObject({ code: "store_corrupt", message: expect.stringContaining(path) });
  await store.close();
});

test("a document that is no JSON is damage too", async () => {
  const run = await filled();
  const db = new DatabaseSync(path);
  db.exec("UPDATE journal SET doc = '{' WHERE key = (SELECT max(key) FROM journal)");
  db.close();
  const store = new SqliteStateStore({ path });
  await expect(store.readTail(run.id, -1)).rejects.toMatchObject({ code: "store_corrupt" });
  await store.close();
});

test("another version of the schema, or another program's file, is refused as it is", async () => {
  await filled();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(code(() => new SqliteStateStore({ path }))).toBe("store_version");
  expect(code(() => new SqliteStateStore({ path, readOnly: true }))).toBe("store_version");

  path = join(folder, "foreign.db");
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE tracks (x)");
  foreign.close();
  expect(code(() => new SqliteStateStore({ path }))).toBe("store_version");
});

test("a place that cannot be written to is named", () => {
  mkdirSync(path, { recursive: true });
  expect(code(() => new SqliteStateStore({ path }))).toBe("store_unwritable");
  writeFileSync(join(folder, "file"), "");
  path = join(folder, "file", "state.db");
  expect(code(() => new SqliteStateStore({ path }))).toBe("store_unwritable");
});

test("a full disk fails the write, names the file, and keeps what was written", async () => {
  const script = `
    const { SqliteStateStore } = await import(${JSON.stringify(new URL("../../src/adapters/local/sqlite-state-store.ts", import.meta.url).href)});
    const { aLongEntry } = await import(${JSON.stringify(new URL("../contracts/state-store/samples.ts", import.meta.url).href)});
    process.on("SIGXFSZ", () => {});
    const store = new SqliteStateStore({ path: ${JSON.stringify(path)} });
    let seq = 0;
    try { for (;; seq++) await store.append("run_0123456789", aLongEntry(seq, 20_000)); }
    catch (error) { console.log(JSON.stringify({ seq, code: error.code, named: error.message.includes(${JSON.stringify(path)}) })); }
    const { entries } = await store.readTail("run_0123456789", -1);
    console.log(JSON.stringify(entries.length));`;
  const child = spawnSync("sh", ["-c", `ulimit -f 1000; exec "$0" --input-type=module -e "$1"`, process.execPath, script], {
    encoding: "utf8",
  });
  const [failed, read] = child.stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(failed).toEqual({ seq: read, code: "store_unwritable", named: true });
  expect(read).toBeGreaterThan(5);
});

test("an observer makes nothing, writes nothing, and leaves nothing", async () => {
  expect(code(() => new SqliteStateStore({ path, readOnly: true }))).toBe("store_unavailable");
  expect(existsSync(folder)).toBe(false);
  const run = await filled();
  const observer = new SqliteStateStore({ path, readOnly: true });
  expect((await observer.readTail(run.id, -1)).entries).toHaveLength(500);
  await expect(observer.append(run.id, anEntry(500))).rejects.toMatchObject({ code: "store_unwritable" });
  await expect(observer.recordItems([])).resolves.toBeUndefined();
  const writer = new SqliteStateStore({ path });
  await writer.append(run.id, anEntry(500));
  expect((await observer.readTail(run.id, -1)).entries).toHaveLength(501);
  await writer.close();
  expect((await observer.readTail(run.id, -1)).entries).toHaveLength(501);
  await observer.close();
  expect(readdirSync(folder)).toEqual(["state.db"]);
});

test("a path of any letters is one path", async () => {
  path = join(folder, "a b?mode=memory#é%20&", "state.db");
  await filled();
  expect(readdirSync(join(folder, "a b?mode=memory#é%20&"))).toEqual(["state.db"]);
  const observer = new SqliteStateStore({ path, readOnly: true });
  expect((await observer.listRuns({})).items).toHaveLength(1);
  await observer.close();
});
