import { describe, expect, test } from "vitest";
import { maxNameLength } from "../../../src/model/id.ts";
import type { Signal } from "../../../src/model/signal.ts";
import { anEntry, freshRun, twenty } from "./samples.ts";
import type { Opened } from "./samples.ts";

function aSignal(name: string, id: string, at = 1_764_000_000_000, text = "null"): Signal {
  return { id, name, text, at };
}

export function signalsContract(opened: Opened): void {
  describe("signal", () => {
    test("comes with the tail, wherever its reader begins, and is no entry", async () => {
      const { store } = opened();
      const run = freshRun();
      const signal = aSignal("answer", "1", 5, '{"ok":true,"ж":"漢字 \\u0000"}');
      expect(await store.readTail(run, -1)).toEqual({ entries: [] });
      await store.sendSignal(run, signal);
      expect(await store.readTail(run, -1)).toEqual({ entries: [], signals: [signal] });
      expect(await store.readHead(run)).toBeUndefined();
      const entries = [anEntry(0), anEntry(1)];
      for (const entry of entries) expect(await store.append(run, entry)).toBe("appended");
      expect(await store.readTail(run, -1)).toEqual({ entries, signals: [signal] });
      expect(await store.readTail(run, 0)).toEqual({ entries: entries.slice(1), signals: [signal] });
      expect(await store.readTail(run, 1)).toEqual({ entries: [], signals: [signal] });
      expect(await store.readHead(run)).toEqual(entries[1]);
    });

    test("stands beside the stop request", async () => {
      const { store } = opened();
      const run = freshRun();
      await store.append(run, anEntry(0));
      await store.requestStop(run, { reason: "enough", at: 3 });
      for (const name of ["zebra", "stop", "a"]) await store.sendSignal(run, aSignal(name, "1", 9));
      const { stop, signals } = await store.readTail(run, 0);
      expect(stop).toEqual({ reason: "enough", at: 3 });
      expect(signals?.map(({ name }) => name)).toEqual(["a", "stop", "zebra"]);
    });

    test("is listed by when it came, then by name and id, whatever its name and the order of the writes", async () => {
      const { store } = opened();
      const run = freshRun();
      const sent = [
        aSignal("b", "late", 30),
        aSignal("a", "late", 30),
        aSignal("z", "2", 10),
        aSignal("z", "1", 10),
        aSignal("a", "1", 20),
      ];
      for (const signal of sent) await store.sendSignal(run, signal);
      expect((await store.readTail(run, -1)).signals?.map(({ name, id, at }) => `${at} ${name} ${id}`)).toEqual([
        "10 z 1",
        "10 z 2",
        "20 a 1",
        "30 a late",
        "30 b late",
      ]);
    });

    test("of a name and id that were there changes nothing; of another name it is another one", async () => {
      const { store } = opened();
      const run = freshRun();
      const first = aSignal("answer", "order-17.a_B", 5, "1");
      await store.sendSignal(run, first);
      await store.sendSignal(run, first);
      await store.sendSignal(run, { ...first, at: 1, text: "2" });
      const other = { ...first, name: "answer_2" };
      await store.sendSignal(run, other);
      expect((await store.readTail(run, -1)).signals).toEqual([first, other]);
    });

    test("of twenty that come at once under one id one stays; twenty ids are twenty", async () => {
      const { store } = opened();
      const [one, many] = [freshRun(), freshRun()];
      await twenty((i) => store.sendSignal(one, aSignal("answer", "same", i, `${i}`)));
      const [first, ...others] = (await store.readTail(one, -1)).signals ?? [];
      expect(first).toEqual(aSignal("answer", "same", first?.at, `${first?.at}`));
      expect(others).toEqual([]);
      await twenty((i) => store.sendSignal(many, aSignal("answer", `id${i}`, 1_000 - i, `${i}`)));
      expect((await store.readTail(many, -1)).signals?.map(({ text }) => Number(text))).toEqual(
        Array.from({ length: 20 }, (_, i) => 19 - i),
      );
    });

    test("belongs to one run", async () => {
      const { store } = opened();
      const [run, other] = [freshRun(), freshRun()];
      await store.sendSignal(run, aSignal("answer", "1"));
      await store.append(other, anEntry(0));
      expect(await store.readTail(other, -1)).not.toHaveProperty("signals");
      expect((await store.readTail(run, -1)).signals).toHaveLength(1);
    });

    test("may have the longest name, id and value that there are", async () => {
      const { store } = opened();
      const run = freshRun();
      const long = aSignal("n".repeat(maxNameLength), "i".repeat(128), 1, `"${"字".repeat(100_000)}"`);
      await store.sendSignal(run, long);
      expect((await store.readTail(run, -1)).signals).toEqual([long]);
    });

    test("may be one of many, beyond a page of 1 MB, behind a journal", async () => {
      const { store } = opened();
      const run = freshRun();
      const entries = [anEntry(0), anEntry(1), anEntry(2)];
      for (const entry of entries) await store.append(run, entry);
      const text = JSON.stringify("x".repeat(9_000));
      const signals = Array.from({ length: 240 }, (_, i) => aSignal(`name_${i % 7}`, `${i}`, 1_000 + i, text));
      for (let i = 0; i < signals.length; i += 20)
        await Promise.all(signals.slice(i, i + 20).map((signal) => store.sendSignal(run, signal)));
      await store.requestStop(run, { reason: "enough", at: 3 });
      const tail = await store.readTail(run, 0);
      expect(tail.signals).toEqual(signals);
      expect(tail.entries).toEqual(entries.slice(1));
      expect(tail.stop).toEqual({ reason: "enough", at: 3 });
    });
  });
}
