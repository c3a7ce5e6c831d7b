import { describe, expect, test } from "vitest";
import { groupCount, itemsOf } from "../../../src/model/latch.ts";
import { aClaim, anEnd, fresh, freshRun, item, noise, wins, twenty } from "./samples.ts";
import type { Opened } from "./samples.ts";

const narrow = { id: "score", items: 100, width: 500 };
const lanes = { id: "score", items: 1_200, width: 40 };

export function mapsContract(opened: Opened): void {
  describe("items of a map", () => {
    test("are recorded in a batch and read by index and attempt", async () => {
      const { store } = opened();
      const run = freshRun();
      const items = Array.from({ length: 3_000 }, (_, i) => ({
        key: item(run, { id: "many", items: 3_000, width: 500 }, i),
        row: anEnd(fresh("n"), { status: "completed", outputs: {}, metadata: { i, text: noise(500) } }),
      }));
      await store.recordItems(items.toReversed());
      const again = { key: { ...item(run, { id: "many", items: 3_000, width: 500 }, 7), attempt: 2 }, row: anEnd() };
      await store.recordItems([again]);
      const rows = await store.readItems(run, { id: "many", items: 3_000, width: 500 });
      expect(rows.map((r) => `${r.id} ${r.attempt}`)).toEqual(
        Array.from({ length: 3_000 }, (_, i) => (i === 7 ? ["many[7] 1", "many[7] 2"] : [`many[${i}] 1`])).flat(),
      );
      expect(rows.map((r) => r.row)).toEqual(items.flatMap((one, i) => (i === 7 ? [one.row, again.row] : [one.row])));
    });

    for (const map of [narrow, lanes]) {
      test(`lie in groups: ${map.items} of width ${map.width}`, async () => {
        const { store } = opened();
        const run = freshRun();
        const groups = [0, 1, groupCount(map) - 1];
        const indexes = groups.flatMap((group) => itemsOf(map, group));
        await Promise.all(indexes.map((i) => store.claim(item(run, map, i), aClaim())));
        await store.settle(item(run, { ...map, id: "score_2" }, 0), anEnd());
        for (const group of groups)
          expect((await store.readItems(run, map, group)).map((r) => r.id)).toEqual(itemsOf(map, group).map((i) => `score[${i}]`));
        expect(await store.readItems(run, map, 2)).toEqual(groupCount(map) === 3 ? expect.anything() : []);
        expect((await store.readItems(run, map)).map((r) => r.id)).toEqual(indexes.toSorted((a, b) => a - b).map((i) => `score[${i}]`));
        expect(await store.readItems(freshRun(), map)).toEqual([]);
      });
    }

    test("recording leaves what is there as it is", async () => {
      const { store } = opened();
      const run = freshRun();
      const ended = anEnd();
      const running = aClaim();
      await store.recordItems([{ key: item(run, narrow, 0), row: ended }]);
      await store.claim(item(run, narrow, 1), running);
      const fresh2 = anEnd();
      await store.recordItems([0, 1, 2].map((i) => ({ key: item(run, narrow, i), row: i === 2 ? fresh2 : anEnd() })));
      await store.recordItems([]);
      expect((await store.readItems(run, narrow)).map((r) => r.row)).toEqual([ended, running, fresh2]);
    });

    test("an item that stands twice in a batch has its first row", async () => {
      const { store } = opened();
      const run = freshRun();
      const rows = [anEnd(), anEnd()];
      await store.recordItems(rows.map((row) => ({ key: item(run, narrow, 0), row })));
      expect(await store.readItems(run, narrow)).toEqual([{ id: "score[0]", attempt: 1, row: rows[0] }]);
    });

    test("two recorders at once agree on every row, and a reader never sees one change", async () => {
      const { store } = opened();
      const run = freshRun();
      const batch = () => Array.from({ length: 60 }, (_, i) => ({ key: item(run, narrow, i), row: anEnd() }));
      const first = store.recordItems(batch());
      const second = store.recordItems(batch());
      await Promise.race([first, second]);
      const seen = await store.readItems(run, narrow);
      await Promise.all([first, second]);
      expect(await store.readItems(run, narrow)).toEqual(expect.arrayContaining(seen.slice()));
      expect(seen).toHaveLength(60);
    });

    test("of twenty claims of one item one wins, in every shard", async () => {
      const { store } = opened();
      const run = freshRun();
      for (const index of [0, 1, 2, 1_199]) expect(wins(await twenty(() => store.claim(item(run, lanes, index), aClaim())))).toBe(1);
    });
  });

  describe("latch", () => {
    test("has no marks at first", async () => {
      const { store } = opened();
      expect(await store.readMarks(freshRun(), "score", 1, 0, 32)).toEqual([]);
    });

    test("marks belong to their level and map, and again is no effect", async () => {
      const { store } = opened();
      const run = freshRun();
      for (const index of [70, 3, 31, 32]) await store.mark(run, "score", 1, index, fresh("n"));
      await store.mark(run, "score", 1, 3, fresh("n"));
      await store.mark(run, "score", 2, 0, fresh("n"));
      await store.mark(run, "score_2", 1, 4, fresh("n"));
      expect(await store.readMarks(run, "score", 1, 0, 32)).toEqual([3, 31]);
      expect(await store.readMarks(run, "score", 1, 3, 71)).toEqual([3, 31, 32, 70]);
      expect(await store.readMarks(run, "score", 1, 32, 33)).toEqual([32]);
      expect(await store.readMarks(run, "score", 1, 4, 31)).toEqual([]);
      expect(await store.readMarks(run, "score", 2, 0, 1)).toEqual([0]);
    });

    test("of twenty who mark a node one did it, and knows that again", async () => {
      const { store } = opened();
      const run = freshRun();
      const nonces = Array.from({ length: 20 }, () => fresh("n"));
      const answers = await Promise.all(nonces.map((nonce) => store.mark(run, "score", 2, 7, nonce)));
      expect(answers.filter((answer) => answer === "marked")).toHaveLength(1);
      expect(await Promise.all(nonces.map((nonce) => store.mark(run, "score", 2, 7, nonce)))).toEqual(answers);
      expect(await store.mark(run, "score", 2, 8, nonces[0] ?? "")).toBe("marked");
    });

    test("a group that has flags can be marked", async () => {
      const { store } = opened();
      const run = freshRun();
      const map = { id: "score", items: 40, width: 500 };
      await store.flagMap(run, map, { watch: true, stop: true });
      expect(await store.mark(run, "score", 1, 1, fresh("n"))).toBe("marked");
      expect(await store.mark(run, "score", 1, 1, fresh("n"))).toBe("there");
    });
  });

  describe("a group", () => {
    test("has neither flags nor rows at first", async () => {
      const { store } = opened();
      expect(await store.readGroup(freshRun(), narrow, 1, 8)).toEqual({ flags: {}, last: [] });
    });

    for (const map of [narrow, lanes]) {
      test(`has the map's flags, which never fall: ${map.items} of width ${map.width}`, async () => {
        const { store } = opened();
        const run = freshRun();
        const flags = async () =>
          Promise.all(Array.from({ length: groupCount(map) }, async (_, group) => (await store.readGroup(run, map, group, 0)).flags));
        const all = (one: object) => Array.from({ length: groupCount(map) }, () => one);
        await store.mark(run, "score", 1, 1, fresh("n"));
        await store.flagMap(run, map, { watch: true });
        expect(await flags()).toEqual(all({ watch: true }));
        await store.flagMap(run, map, { stop: true, watch: false });
        await store.flagMap(run, map, {});
        expect(await flags()).toEqual(all({ watch: true, stop: true }));
        expect(await store.readMarks(run, "score", 1, 0, groupCount(map))).toEqual([1]);
        expect((await store.readGroup(run, { ...map, id: "score_2" }, 0, 0)).flags).toEqual({});
      });

      test(`shows its last rows, and its flags are none: ${map.items} of width ${map.width}`, async () => {
        const { store } = opened();
        const run = freshRun();
        const indexes = itemsOf(map, 1);
        const last = indexes.at(-1) ?? 0;
        const keys = [...indexes.map((index) => item(run, map, index)), { ...item(run, map, last), attempt: 2 }];
        const rows = keys.map(() => anEnd());
        await store.recordItems(keys.map((key, i) => ({ key, row: rows[i] ?? anEnd() })));
        const others = [0, 2].flatMap((group) => itemsOf(map, group)).map((index) => ({ key: item(run, map, index), row: anEnd() }));
        await store.recordItems(others);
        const stored = keys.map(({ id, attempt }, i) => ({ id, attempt, row: rows[i] }));
        for (const flags of [{}, { watch: true }, { watch: true, stop: true }]) {
          await store.flagMap(run, map, flags);
          expect(await store.readGroup(run, map, 1, 3)).toEqual({ flags, last: stored.slice(-3) });
          expect(await store.readGroup(run, map, 1, 0)).toEqual({ flags, last: [] });
          expect(await store.readGroup(run, map, 1, 100)).toEqual({ flags, last: stored });
          expect(await store.readItems(run, map, 1)).toEqual(stored);
          expect(await store.readItems(run, map)).toHaveLength(stored.length + others.length);
        }
      });
    }

    test("whose rows are large shows as many of them", async () => {
      const { store } = opened();
      const run = freshRun();
      const rows = Array.from({ length: 12 }, (_, i) =>
        anEnd(fresh("n"), { status: "completed", outputs: {}, metadata: { i, text: noise(300_000) } }),
      );
      await store.recordItems(rows.map((row, i) => ({ key: item(run, narrow, i), row })));
      expect((await store.readGroup(run, narrow, 0, 8)).last.map(({ id }) => id)).toEqual(
        [4, 5, 6, 7, 8, 9, 10, 11].map((i) => `score[${i}]`),
      );
    });
  });
}
