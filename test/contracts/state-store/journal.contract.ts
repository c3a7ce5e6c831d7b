import { describe, expect, test } from "vitest";
import { aLongEntry, anEntry, freshRun, twenty } from "./samples.ts";
import type { Opened } from "./samples.ts";

export function journalContract(opened: Opened): void {
  describe("journal", () => {
    test("begins empty", async () => {
      const { store } = opened();
      const run = freshRun();
      expect(await store.readTail(run, -1)).toEqual({ entries: [] });
      expect(await store.readHead(run)).toBeUndefined();
    });

    test("gives back what was appended, in order, from any place on", async () => {
      const { store } = opened();
      const run = freshRun();
      const entries = Array.from({ length: 12 }, (_, seq) => anEntry(seq));
      for (const entry of entries) expect(await store.append(run, entry)).toBe("appended");
      expect((await store.readTail(run, -1)).entries).toEqual(entries);
      expect((await store.readTail(run, 8)).entries).toEqual(entries.slice(9));
      expect((await store.readTail(run, 11)).entries).toEqual([]);
      expect(await store.readHead(run)).toEqual(entries[11]);
    });

    test("a seq belongs to whom it belonged first", async () => {
      const { store } = opened();
      const run = freshRun();
      const first = anEntry(0);
      await store.append(run, first);
      expect(await store.append(run, anEntry(0))).toBe("lost");
      expect((await store.readTail(run, -1)).entries).toEqual([first]);
    });

    test("the same write again is a success", async () => {
      const { store } = opened();
      const run = freshRun();
      const entry = anEntry(0);
      await store.append(run, entry);
      await store.append(run, anEntry(1));
      expect(await store.append(run, entry)).toBe("appended");
      expect((await store.readTail(run, -1)).entries).toHaveLength(2);
    });

    test("of twenty writers of one seq one wins", async () => {
      const { store } = opened();
      const run = freshRun();
      const entries = Array.from({ length: 20 }, () => anEntry(0));
      const answers = await Promise.all(entries.map((entry) => store.append(run, entry)));
      expect(answers.filter((a) => a === "appended")).toHaveLength(1);
      expect(await store.readHead(run)).toEqual(entries[answers.indexOf("appended")]);
    });

    test("a hole is an error that names it, wherever the reader begins before it", async () => {
      const { store } = opened();
      const run = freshRun();
      for (const seq of [0, 1, 3, 4]) await store.append(run, anEntry(seq));
      for (const after of [-1, 1])
        await expect(store.readTail(run, after)).rejects.toMatchObject({
          code: "journal_incomplete",
          message: expect.stringContaining("2"),
        });
      expect((await store.readTail(run, 2)).entries.map((e) => e.seq)).toEqual([3, 4]);
    });

    test("a lost beginning is a hole too", async () => {
      const { store } = opened();
      const run = freshRun();
      await store.append(run, anEntry(1));
      await expect(store.readTail(run, -1)).rejects.toMatchObject({ code: "journal_incomplete" });
    });

    test("is read whole beyond a page of 1 MB", async () => {
      const { store } = opened();
      const run = freshRun();
      const entries = Array.from({ length: 230 }, (_, seq) => aLongEntry(seq, 15_000));
      for (let i = 0; i < entries.length; i += 23) await Promise.all(entries.slice(i, i + 23).map((entry) => store.append(run, entry)));
      await store.requestStop(run, { reason: "enough", at: 3 });
      const tail = await store.readTail(run, -1);
      expect(tail.entries).toEqual(entries);
      expect(tail.stop).toEqual({ reason: "enough", at: 3 });
      expect((await store.readTail(run, 99)).entries).toEqual(entries.slice(100));
    });

    test("keeps any text, and entries of 350 KB", async () => {
      const { store } = opened();
      const run = freshRun();
      const odd = anEntry(0, {
        events: [
          {
            t: "logged",
            level: "warn",
            message: '\u0000 é 漢字 👩‍🔬 \ud83d\ude00 "\\ \u2028',
            fields: { ключ: [1, null, { a: "" }] },
            at: 1,
          },
        ],
      });
      const long = aLongEntry(1, 350_000);
      await store.append(run, odd);
      await store.append(run, long);
      expect((await store.readTail(run, -1)).entries).toEqual([odd, long]);
    });

    test("belongs to one run", async () => {
      const { store } = opened();
      const run = freshRun();
      const longer = freshRun();
      const mine = anEntry(0);
      await store.append(run, mine);
      await store.append(longer, anEntry(0));
      await store.append(longer, anEntry(1));
      expect((await store.readTail(run, -1)).entries).toEqual([mine]);
    });
  });

  describe("stop request", () => {
    test("comes with the tail, and the first one stays", async () => {
      const { store } = opened();
      const run = freshRun();
      const entry = anEntry(0);
      await store.append(run, entry);
      await twenty((i) => store.requestStop(run, { reason: `r${i}`, at: i }));
      const { stop } = await store.readTail(run, -1);
      expect(stop).toEqual({ reason: `r${stop?.at}`, at: expect.any(Number) });
      await store.requestStop(run, { reason: "again", at: 99 });
      expect(await store.readTail(run, 0)).toEqual({ entries: [], stop });
      expect(await store.readHead(run)).toEqual(entry);
    });
  });
}
