import { describe, expect, test } from "vitest";
import { aClaim, anEnd, fresh, freshRun, item, noise, step, twenty, wins } from "./samples.ts";
import type { EndedAttempt } from "../../../src/model/attempt.ts";
import type { Opened } from "./samples.ts";

const won = { won: true };
const map = { id: "score", items: 1_200, width: 40 };

export function attemptsContract(opened: Opened): void {
  for (const [kind, keyOf] of [
    ["narrow step", (run) => step(run)],
    ["item of a map", (run) => item(run, map, 777)],
  ] satisfies [string, (run: ReturnType<typeof freshRun>) => ReturnType<typeof step>][]) {
    describe(`attempt of a ${kind}`, () => {
      test("is claimed once", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const mine = aClaim();
        expect(await store.claim(key, mine)).toEqual(won);
        expect(await store.claim(key, mine)).toEqual(won);
        expect(await store.claim(key, aClaim())).toEqual({ won: false, row: mine });
        expect(await store.readAttempts([key])).toEqual([mine]);
      });

      test("is ended by its claimant alone, and once", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        const end = anEnd(claim.nonce);
        expect(await store.end(key, end)).toEqual({ won: false, row: undefined });
        await store.claim(key, claim);
        expect(await store.end(key, anEnd())).toEqual({ won: false, row: claim });
        expect(await store.end(key, end)).toEqual(won);
        expect(await store.end(key, end)).toEqual(won);
        expect(await store.readAttempts([key])).toEqual([end]);
      });

      test("a claim that was ended meanwhile is lost, even to its own nonce", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        const end = anEnd(claim.nonce);
        await store.claim(key, claim);
        await store.end(key, end);
        expect(await store.claim(key, claim)).toEqual({ won: false, row: end });
      });

      test("is settled only where nothing is", async () => {
        const { store } = opened();
        const run = freshRun();
        const row: EndedAttempt = {
          status: "ended",
          nonce: fresh("n"),
          outcome: { status: "cancelled", reason: "the run was over" },
          endedAt: 9,
        };
        const key = keyOf(run);
        expect(await store.settle(key, row)).toEqual(won);
        expect(await store.settle(key, row)).toEqual(won);
        expect(await store.settle(key, anEnd())).toEqual({ won: false, row });
        expect(await store.claim(key, aClaim())).toEqual({ won: false, row });
        const claimed = { ...key, attempt: 2 };
        const claim = aClaim();
        await store.claim(claimed, claim);
        expect(await store.settle(claimed, anEnd())).toEqual({ won: false, row: claim });
        expect(await store.settle(claimed, anEnd(claim.nonce))).toEqual({ won: false, row: claim });
      });

      test("is buried by the nonce of its dead claimant", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        const row = anEnd(fresh("n"), { status: "failed", error: { name: "SkeinError", code: "step_lost", message: "gone" } });
        expect(await store.bury(key, claim.nonce, row)).toEqual({ won: false, row: undefined });
        await store.claim(key, claim);
        expect(await store.bury(key, fresh("n"), row)).toEqual({ won: false, row: claim });
        expect(await store.bury(key, claim.nonce, row)).toEqual(won);
        expect(await store.bury(key, claim.nonce, row)).toEqual(won);
        expect(await store.end(key, anEnd(claim.nonce))).toEqual({ won: false, row });
        expect(await store.bury(key, claim.nonce, anEnd())).toEqual({ won: false, row });
      });

      test("is asked to abort while it runs, for the first reason given, and ends as ever", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        await store.requestAbort(key, "too early");
        expect(await store.readAttempts([key])).toEqual([undefined]);
        await store.claim(key, claim);
        await store.requestAbort(key, "enough");
        await store.requestAbort(key, "again");
        const asked = { ...claim, abort: "enough" };
        expect(await store.readAttempts([key])).toEqual([asked]);
        expect(await store.claim(key, claim)).toEqual(won);
        expect(await store.claim(key, aClaim())).toEqual({ won: false, row: asked });
        expect(await store.settle(key, anEnd())).toEqual({ won: false, row: asked });
        const end = anEnd(claim.nonce, { status: "stopped", reason: "enough" });
        expect(await store.end(key, end)).toEqual(won);
        await store.requestAbort(key, "too late");
        expect(await store.readAttempts([key])).toEqual([end]);
      });

      test("is buried also when it was asked to abort", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        await store.claim(key, claim);
        await store.requestAbort(key, "enough");
        const row = anEnd();
        expect(await store.bury(key, claim.nonce, row)).toEqual(won);
        expect(await store.readAttempts([key])).toEqual([row]);
      });

      test("never changes once it is terminal", async () => {
        const { store } = opened();
        const key = keyOf(freshRun());
        const claim = aClaim();
        const end = anEnd(claim.nonce);
        await store.claim(key, claim);
        await store.end(key, end);
        await store.claim(key, aClaim());
        await store.claim(key, claim);
        await store.end(key, anEnd(claim.nonce, { status: "stopped", reason: "late" }));
        await store.bury(key, claim.nonce, anEnd());
        await store.settle(key, anEnd());
        await store.requestAbort(key, "late");
        if (key.item !== undefined) await store.recordItems([{ key, row: anEnd() }]);
        expect(await store.readAttempts([key])).toEqual([end]);
      });

      test("of twenty claims, settlements or ends one wins", async () => {
        const { store } = opened();
        const run = freshRun();
        const claimed = { ...keyOf(run), attempt: 1 };
        const claims = Array.from({ length: 20 }, () => aClaim());
        const answers = await Promise.all(claims.map((claim) => store.claim(claimed, claim)));
        const winner = claims[answers.findIndex((a) => a.won)];
        expect(wins(answers)).toBe(1);
        expect(answers.filter((a) => !a.won).map((a) => a.row)).toEqual(Array.from({ length: 19 }, () => winner));

        const nonce = winner?.nonce ?? "";
        const ends = await twenty((i) => (i === 7 ? store.end(claimed, anEnd(nonce)) : store.bury(claimed, nonce, anEnd())));
        expect(wins(ends)).toBe(1);
        expect(new Set(ends.map((a) => (a.won ? "" : JSON.stringify(a.row)))).size).toBe(2);

        expect(wins(await twenty(() => store.settle({ ...claimed, attempt: 2 }, anEnd())))).toBe(1);
        const mixed = await twenty((i) =>
          i % 2 === 0 ? store.settle({ ...claimed, attempt: 3 }, anEnd()) : store.claim({ ...claimed, attempt: 3 }, aClaim()),
        );
        expect(wins(mixed)).toBe(1);
      });
    });
  }

  describe("attempts", () => {
    test("are read in the order of the keys, absent and repeated ones included", async () => {
      const { store } = opened();
      const run = freshRun();
      const other = freshRun();
      const row = anEnd();
      const second = anEnd();
      const far = anEnd();
      await store.settle(step(run), row);
      await store.settle(step(run, "fit", 2), second);
      await store.settle(item(run, map, 1_199), far);
      expect(
        await store.readAttempts([step(run, "fit_2"), step(run, "fit", 2), item(run, map, 1_199), step(other), step(run), step(run)]),
      ).toEqual([undefined, second, far, undefined, row, row]);
      expect(await store.readAttempts([])).toEqual([]);
    });

    test("are read by the hundreds", async () => {
      const { store } = opened();
      const run = freshRun();
      const keys = Array.from({ length: 250 }, (_, i) => step(run, `fit_${i}`));
      const rows = await Promise.all(
        keys.map(async (key, i) => {
          const row = anEnd(fresh("n"), { status: "completed", outputs: {}, metadata: { i, text: noise(8_000) } });
          if (i % 3 !== 0) await store.settle(key, row);
          return i % 3 === 0 ? undefined : row;
        }),
      );
      expect(await store.readAttempts(keys)).toEqual(rows);
    });

    test("of narrow steps are listed by id and attempt, those of items are not", async () => {
      const { store } = opened();
      const run = freshRun();
      const rows = { "fit_2 1": anEnd(), "fit 10": anEnd(), "fit 2": aClaim(), "fit 1": anEnd(), "fit_10 1": aClaim() };
      for (const [name, row] of Object.entries(rows)) {
        const [id, attempt] = name.split(" ");
        const key = step(run, id, Number(attempt));
        await (row.status === "ended" ? store.settle(key, row) : store.claim(key, row));
      }
      await store.settle(item(run, map, 0), anEnd());
      await store.append(run, {
        v: 1,
        seq: 0,
        nonce: "n",
        turn: "t",
        invocation: "i",
        until: 0,
        at: 0,
        wait: true,
        totals: { turns: 1, called: 0, ended: {} },
        events: [],
      });
      await store.settle(step(freshRun()), anEnd());
      expect(await store.listAttempts(run)).toEqual([
        { id: "fit", attempt: 1, row: rows["fit 1"] },
        { id: "fit", attempt: 2, row: rows["fit 2"] },
        { id: "fit", attempt: 10, row: rows["fit 10"] },
        { id: "fit_10", attempt: 1, row: rows["fit_10 1"] },
        { id: "fit_2", attempt: 1, row: rows["fit_2 1"] },
      ]);
    });

    test("are listed whole beyond a page of 1 MB", async () => {
      const { store } = opened();
      const run = freshRun();
      await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          store.settle(step(run, `s_${i}`), anEnd(fresh("n"), { status: "completed", outputs: {}, metadata: { text: noise(10_000) } })),
        ),
      );
      expect(await store.listAttempts(run)).toHaveLength(200);
    });
  });
}
