import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { freshRun } from "../contracts/state-store/samples.ts";
import type { ChildProcess } from "node:child_process";
import type { Race, Won } from "./sqlite-state-racer.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-state-processes-"));
const map = { id: "score", items: 2_000, width: 500 };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function racers(count: number): Promise<readonly ChildProcess[]> {
  const children = Array.from({ length: count }, () => fork(new URL("./sqlite-state-racer.ts", import.meta.url)));
  await Promise.all(children.map((child) => once(child, "message")));
  return children;
}

function run<T>(child: ChildProcess, race: Race): Promise<T> {
  const answer = once(child, "message");
  child.send(race);
  return answer.then(([result]: T[]) => {
    if (result === undefined) throw new Error("no answer");
    return result;
  });
}

test("three processes that make the same new files at once all find them made", async () => {
  const rounds = 40;
  const race: Race = { path: join(folder, "new.db"), run: freshRun(), task: "open", rounds, map };
  const children = await racers(3);
  expect(await Promise.all(children.map((child) => run<string>(child, race)))).toEqual(["opened", "opened", "opened"]);
  for (let i = 0; i < rounds; i++) {
    const store = new SqliteStateStore({ path: `${race.path}-${i}` });
    expect((await store.listRuns({})).items).toHaveLength(3);
    await store.close();
  }
});

test("three processes that open one new file at once share every race fairly and lose nothing", async () => {
  const rounds = 200;
  const race: Race = { path: join(folder, "race.db"), run: freshRun(), task: "compete", rounds, map };
  const children = await racers(3);
  const won = await Promise.all(children.map((child) => run<Won>(child, race)));
  const all = (pick: (w: Won) => readonly (string | number)[]) => won.flatMap(pick);
  expect(all((w) => [w.created]).toSorted()).toEqual([0, 0, 1]);

  const store = new SqliteStateStore({ path: race.path });
  const { entries } = await store.readTail(race.run, -1);
  expect(new Set(all((w) => w.appended))).toEqual(new Set(entries.map((e) => e.nonce)));
  expect(all((w) => w.appended)).toHaveLength(rounds);
  const items = await store.readItems(race.run, map);
  expect(
    items
      .slice(0, rounds)
      .map((r) => r.row.nonce)
      .toSorted(),
  ).toEqual(all((w) => w.claimed).toSorted());
  expect(items.every((r) => r.row.status === "ended")).toBe(true);
  expect(items).toHaveLength(rounds + 1_000);
  expect((await store.listAttempts(race.run)).map((r) => r.row.nonce).toSorted()).toEqual(all((w) => w.settled).toSorted());
  expect(all((w) => w.versions).toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  await store.close();
});

test("a process that is killed in the middle of its writes loses none that was answered", async () => {
  const race: Race = { path: join(folder, "killed.db"), run: freshRun(), task: "append", rounds: 1_000_000, map };
  const [child] = await racers(1);
  if (child === undefined) throw new Error("no child");
  let answered = -1;
  const enough = new Promise<void>((resolve) => {
    child.on("message", (message: { readonly appended: number }) => {
      answered = message.appended;
      if (answered === 300) resolve();
    });
  });
  child.send(race);
  await enough;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  const store = new SqliteStateStore({ path: race.path });
  const { entries } = await store.readTail(race.run, -1);
  expect(entries.length).toBeGreaterThan(answered);
  expect(answered).toBeGreaterThanOrEqual(300);
  await store.close();
});
