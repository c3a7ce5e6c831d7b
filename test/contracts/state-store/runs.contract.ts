import { describe, expect, test } from "vitest";
import { aRun, anArtifact, anEnding, fresh, freshRun, noise, twenty } from "./samples.ts";
import type { RunId } from "../../../src/model/id.ts";
import type { RunRecord } from "../../../src/model/run.ts";
import type { RunQuery, StateStore } from "../../../src/ports/state-store.ts";
import type { Opened } from "./samples.ts";

/** An index may lag by moments. */
const soon = { timeout: 10_000, interval: 50 };

export function runsContract(opened: Opened): void {
  describe("run", () => {
    test("is created once and read", async () => {
      const { store } = opened();
      const run = aRun({
        due: 5,
        maxConcurrency: 3,
        idempotency: { key: "k", digest: "d" },
        params: JSON.stringify({ text: "漢字 ".repeat(20_000) }),
      });
      expect(await store.readRun(run.id)).toBeUndefined();
      expect(await store.createRun(run)).toEqual({ created: true });
      expect(await store.readRun(run.id)).toEqual(run);
      expect(await store.createRun(aRun({ id: run.id, params: "{}" }))).toEqual({ created: false, existing: run });
      expect(await store.createRun(run)).toEqual({ created: false, existing: run });
      expect(await store.readRun(run.id)).toEqual(run);
    });

    test("of twenty creators one creates, and all know the same run", async () => {
      const { store } = opened();
      const id = freshRun();
      const answers = await twenty((i) => store.createRun(aRun({ id, params: `{"i":${i}}` })));
      const there = await store.readRun(id);
      expect(answers.filter((a) => a.created)).toHaveLength(1);
      expect(answers.filter((a) => !a.created).map((a) => a.existing)).toEqual(Array.from({ length: 19 }, () => there));
    });

    test("is finished once, and needs no more sweeps", async () => {
      const { store } = opened();
      const run = aRun({ due: 4 });
      const { due: _, ...rest } = run;
      await store.createRun(run);
      await store.finishRun(run.id, anEnding("failed"));
      await store.finishRun(run.id, anEnding("failed"));
      await store.finishRun(run.id, anEnding("completed"));
      expect(await store.readRun(run.id)).toEqual({ ...rest, ended: anEnding("failed") });
      expect(await store.setDue(run.id, undefined, 9)).toBe("lost");
      expect(await store.createRun(run)).toEqual({ created: false, existing: { ...rest, ended: anEnding("failed") } });
    });

    test("is finished with as many outputs as a run may have, besides the largest parameters", async () => {
      const { store } = opened();
      const run = aRun({ params: JSON.stringify("漢字".repeat(99_000)) });
      const refs = Array.from({ length: 1_500 }, (_, i) => ({
        ...anArtifact(`${run.id}/fit_${i}/1/${noise(16)}/output`),
        digest: noise(64),
      }));
      const end = { ...anEnding(), outputs: { output: refs } };
      expect(await store.createRun(run)).toEqual({ created: true });
      await store.finishRun(run.id, end);
      expect(await store.readRun(run.id)).toEqual({ ...run, ended: end });
    });

    test("counts crashes at the highest seq, before the first entry too", async () => {
      const { store } = opened();
      const run = aRun();
      await store.createRun(run);
      const counts = [];
      for (const [i, seq] of [-1, -1, 4, 4, 7, 7, 7, 4, 8].entries()) counts.push(await store.countCrash(run.id, seq, `i${i}`));
      expect(counts).toEqual([1, 2, 1, 2, 1, 2, 3, 0, 1]);
      expect(await store.readRun(run.id)).toEqual({ ...run, crashes: { seq: 8, invocations: ["i8"] } });
      expect((await twenty((i) => store.countCrash(run.id, 9, `j${i}`))).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });

    test("counts the crash of an invocation once, however often and at once it is told", async () => {
      const { store } = opened();
      const run = aRun({ crashes: { seq: 2, invocations: ["a"] } });
      await store.createRun(run);
      expect(await store.countCrash(run.id, 2, "a")).toBe(1);
      expect(new Set(await twenty(() => store.countCrash(run.id, 2, "b")))).toEqual(new Set([2]));
      expect((await twenty((i) => store.countCrash(run.id, 3, i % 2 === 0 ? "a" : "b"))).every((count) => count <= 2)).toBe(true);
      expect(await store.countCrash(run.id, 3, "a")).toBe(2);
      const { crashes } = (await store.readRun(run.id)) ?? {};
      expect({ seq: crashes?.seq, invocations: crashes?.invocations.toSorted() }).toEqual({ seq: 3, invocations: ["a", "b"] });
    });

    test("must be there to change", async () => {
      const { store } = opened();
      const missing = { code: "unknown_run", message: expect.stringContaining("run_") };
      await expect(store.finishRun(freshRun(), anEnding())).rejects.toMatchObject(missing);
      await expect(store.countCrash(freshRun(), 0, "i")).rejects.toMatchObject(missing);
      await expect(store.setDue(freshRun(), undefined, 3)).rejects.toMatchObject(missing);
      await expect(store.setDue(freshRun(), 3, undefined)).rejects.toMatchObject(missing);
    });
  });

  describe("due", () => {
    test("moves only from the value that was read", async () => {
      const { store } = opened();
      const run = aRun({ due: 100 });
      await store.createRun(run);
      expect(await store.setDue(run.id, 99, 200)).toBe("lost");
      expect(await store.setDue(run.id, undefined, 200)).toBe("lost");
      expect(await store.setDue(run.id, 100, 200)).toBe("set");
      expect(await store.setDue(run.id, 100, 200)).toBe("set");
      expect(await store.setDue(run.id, 100, undefined)).toBe("lost");
      expect((await store.readRun(run.id))?.due).toBe(200);
      expect(await store.setDue(run.id, 200, undefined)).toBe("set");
      expect(await store.setDue(run.id, 200, undefined)).toBe("set");
      expect(await store.readRun(run.id)).not.toHaveProperty("due");
      expect((await twenty((i) => store.setDue(run.id, undefined, i + 1))).filter((a) => a === "set")).toHaveLength(1);
    });

    test("runs whose time has come are listed, the oldest first, page by page", async () => {
      const { store } = opened();
      const ids = await Promise.all(
        Array.from({ length: 250 }, async (_, i) => {
          const run = aRun({ due: 1_000 + Math.floor(i / 3) });
          await store.createRun(run);
          return run.id;
        }),
      );
      const expected = ids.map((run, i) => ({ run, due: 1_000 + Math.floor(i / 3) })).filter(({ due }) => due <= 1_080);
      const mine = async () => (await allDue(store, 1_080)).filter(({ run }) => ids.includes(run));
      await expect.poll(async () => (await mine()).length, soon).toBe(expected.length);
      const listed = await mine();
      expect(listed.map(({ due }) => due)).toEqual(expected.map(({ due }) => due));
      expect(new Set(listed.map(({ run }) => run))).toEqual(new Set(expected.map(({ run }) => run)));
      await Promise.all(ids.map((id) => store.finishRun(id, anEnding())));
      await expect.poll(async () => (await mine()).length, soon).toBe(0);
    });
  });

  describe("list of runs", () => {
    test("is newest first, page by page, each run once", async () => {
      const { store } = opened();
      const pipeline = fresh("listed");
      const runs = await createMany(store, 23, (i) => ({ pipeline, createdAt: 1_000 + Math.floor(i / 2) }));
      const expected = runs.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).map((r) => r.id);
      await expect.poll(() => listed(store, { pipeline, limit: 5 }), soon).toEqual(expected);
      expect(await listed(store, { pipeline })).toEqual(expected);
      const page = await store.listRuns({ pipeline, limit: 5 });
      expect(page.items.map((r) => r.id)).toEqual(expected.slice(0, 5));
      expect(page.items[0]).toEqual(runs.find((r) => r.id === expected[0]));
      expect(await store.listRuns({ pipeline, limit: 1_000 })).not.toHaveProperty("cursor");
    });

    test("is narrowed by pipeline and by how runs ended", async () => {
      const { store } = opened();
      const pipeline = fresh("narrowed");
      const runs = await createMany(store, 16, (i) => ({ pipeline: i % 2 === 0 ? pipeline : `${pipeline}_b`, createdAt: 2_000 + i }));
      const statuses = ["completed", "failed", "stopped"] as const;
      await Promise.all(runs.slice(4).map((run, i) => store.finishRun(run.id, anEnding(statuses[Math.floor(i / 4)]))));
      const newest = (from: number, to: number, mine: boolean) =>
        runs
          .slice(from, to)
          .filter((_, i) => !mine || (from + i) % 2 === 0)
          .map((r) => r.id)
          .toReversed();
      await expect.poll(() => listed(store, { pipeline, ended: "completed" }), soon).toEqual(newest(4, 8, true));
      await expect.poll(() => listed(store, { pipeline, ended: "failed", limit: 1 }), soon).toEqual(newest(8, 12, true));
      await expect.poll(() => listed(store, { pipeline, ended: "stopped" }), soon).toEqual(newest(12, 16, true));
      await expect.poll(() => listed(store, { pipeline, ended: "no" }), soon).toEqual(newest(0, 4, true));
      await expect.poll(() => listed(store, { pipeline, limit: 3 }), soon).toEqual(newest(0, 16, true));
      const mine = new Set(runs.map((r) => r.id));
      const any = async (query: RunQuery) => (await listed(store, query)).filter((id) => mine.has(id));
      await expect.poll(() => any({ ended: "no", limit: 1_000 }), soon).toEqual(newest(0, 4, false));
      await expect.poll(() => any({ limit: 1_000 }), soon).toEqual(newest(0, 16, false));
      expect(await store.listRuns({ pipeline: fresh("nobody") })).toEqual({ items: [] });
    });

    test("a run that starts between two pages moves nothing", async () => {
      const { store } = opened();
      const pipeline = fresh("moving");
      const runs = await createMany(store, 4, (i) => ({ pipeline, createdAt: 3_000 + i }));
      await expect.poll(async () => (await listed(store, { pipeline })).length, soon).toBe(4);
      const first = await store.listRuns({ pipeline, limit: 2 });
      await createMany(store, 2, (i) => ({ pipeline, createdAt: 4_000 + i }));
      const second = await store.listRuns({ pipeline, limit: 2, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
      expect([...first.items, ...second.items].map((r) => r.id)).toEqual(runs.map((r) => r.id).toReversed());
    });

    test("refuses a limit or a cursor that cannot be", async () => {
      const { store } = opened();
      for (const limit of [0, -1, 1.5, 1_001, Number.NaN])
        await expect(store.listRuns({ limit })).rejects.toMatchObject({ code: "bad_option" });
      await expect(store.listRuns({ cursor: "no cursor" })).rejects.toMatchObject({ code: "bad_option" });
      await expect(store.dueRuns(5, "no cursor")).rejects.toMatchObject({ code: "bad_option" });
    });
  });
}

async function createMany(store: StateStore, count: number, changes: (i: number) => Partial<RunRecord>): Promise<readonly RunRecord[]> {
  const runs = Array.from({ length: count }, (_, i) => aRun(changes(i)));
  await Promise.all(runs.map((run) => store.createRun(run)));
  return runs;
}

async function listed(store: StateStore, query: RunQuery): Promise<readonly RunId[]> {
  const ids: RunId[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listRuns({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 50);
    ids.push(...page.items.map((r) => r.id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

async function allDue(store: StateStore, now: number): Promise<readonly { readonly run: RunId; readonly due: number }[]> {
  const found = [];
  let cursor: string | undefined;
  do {
    const page = await store.dueRuns(now, cursor);
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}
