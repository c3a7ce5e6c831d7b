import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attemptsContract } from "./state-store/attempts.contract.ts";
import { journalContract } from "./state-store/journal.contract.ts";
import { lostResponseContract } from "./state-store/lost-response.contract.ts";
import { mapsContract } from "./state-store/maps.contract.ts";
import { runsContract } from "./state-store/runs.contract.ts";
import { sharedContract } from "./state-store/shared.contract.ts";
import { signalsContract } from "./state-store/signals.contract.ts";
import { aClaim, aRun, anEnd, anEntry, item, step, wins } from "./state-store/samples.ts";
import type { OpenedStore } from "./state-store/samples.ts";

/** What every state store does. `open` is called once for the whole suite. */
export function stateStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`state store: ${name}`, () => {
    let current: OpenedStore | undefined;
    beforeAll(async () => {
      current = await open();
    });
    afterAll(() => current?.store.close());
    const opened = (): OpenedStore => {
      if (current === undefined) throw new Error("the store is not open");
      return current;
    };

    journalContract(opened);
    signalsContract(opened);
    attemptsContract(opened);
    mapsContract(opened);
    runsContract(opened);
    sharedContract(opened);
    lostResponseContract(opened);

    test("another store on the same data sees all and competes fairly; closing it leaves this one open", async () => {
      const { store, another } = opened();
      if (another === undefined) return;
      const other = await another();
      const run = aRun();
      const map = { id: "score", items: 64, width: 500 };
      await store.createRun(run);
      await store.append(run.id, anEntry(0));
      expect(await other.readRun(run.id)).toEqual(run);
      expect(await other.append(run.id, anEntry(0))).toBe("lost");
      const answers = await Promise.all(
        [store, other].flatMap((s) => Array.from({ length: 10 }, () => s.claim(item(run.id, map, 40), aClaim()))),
      );
      expect(wins(answers)).toBe(1);
      await other.settle(step(run.id), anEnd());
      expect(wins([await store.settle(step(run.id), anEnd())])).toBe(0);
      await other.close();
      expect((await store.readTail(run.id, -1)).entries).toHaveLength(1);
      const later = await another();
      expect((await later.readTail(run.id, -1)).entries).toHaveLength(1);
      await later.close();
    });
  });
}
