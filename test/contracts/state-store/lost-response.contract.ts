import { describe, expect, test } from "vitest";
import { aClaim, aRun, anArtifact, anEnd, anEnding, anEntry, fresh, freshRun, item, step } from "./samples.ts";
import type { StateStore } from "../../../src/ports/state-store.ts";
import type { Opened } from "./samples.ts";

/** Every write takes effect, its response is lost, and the caller repeats it with the same nonce: what the second call answers counts. */
function repeating(store: StateStore): StateStore {
  // It carries no nonce of the caller: only an adapter itself can repeat it, which its own `losing` store shows.
  const once: ReadonlySet<keyof StateStore> = new Set(["createRun"]);
  return new Proxy(store, {
    get(target, verb: keyof StateStore) {
      const method: unknown = target[verb];
      // `then` among others, which every promise asks for.
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        if (!once.has(verb)) await Reflect.apply(method, target, args);
        return Reflect.apply(method, target, args);
      };
    },
  });
}

export function lostResponseContract(opened: Opened): void {
  describe("a response that is lost after the write took effect", () => {
    const losing = async () => {
      const { store, losing: own } = opened();
      return own === undefined ? repeating(store) : own();
    };

    test("does not look like a lost race", async () => {
      const store = await losing();
      const run = aRun({ due: 7 });
      const map = { id: "score", items: 3, width: 500 };
      expect(await store.createRun(run)).toEqual({ created: true });
      expect(await store.append(run.id, anEntry(0))).toBe("appended");
      const claim = aClaim();
      expect(await store.claim(step(run.id), claim)).toEqual({ won: true });
      await store.requestAbort(step(run.id), "enough");
      expect(await store.end(step(run.id), anEnd(claim.nonce))).toEqual({ won: true });
      expect(await store.settle(step(run.id, "skipped"), anEnd())).toEqual({ won: true });
      const dead = aClaim();
      await store.claim(step(run.id, "dead"), dead);
      expect(await store.bury(step(run.id, "dead"), dead.nonce, anEnd())).toEqual({ won: true });
      const rows = [0, 1, 2].map((i) => ({ key: item(run.id, map, i), row: anEnd() }));
      await store.recordItems(rows);
      expect((await store.readItems(run.id, map)).map((r) => r.row)).toEqual(rows.map((r) => r.row));
      expect(await store.setDue(run.id, 7, 8)).toBe("set");
      expect(await store.countCrash(run.id, 0, "i1")).toBe(1);
      expect(await store.countCrash(run.id, 0, "i2")).toBe(2);
      expect(await store.addVersion(fresh("model"), { artifact: { ...anArtifact("m"), id: fresh("a") }, run: run.id, at: 1 })).toBe(1);
      await store.requestStop(run.id, { reason: "enough", at: 1 });
      await store.sendSignal(run.id, { id: "1", name: "answer", text: "5", at: 1 });
      expect(await store.mark(run.id, "score", 1, 0, fresh("n"))).toBe("marked");
      await store.flagMap(run.id, map, { watch: true });
      await store.finishRun(run.id, anEnding());
      expect((await store.readRun(run.id))?.ended).toEqual(anEnding());
      expect(await store.readTail(run.id, -1)).toMatchObject({ stop: { reason: "enough", at: 1 }, signals: [{ id: "1", text: "5" }] });
    });

    test("does not hide a race that is really lost", async () => {
      const store = await losing();
      const { store: other } = opened();
      const run = aRun();
      const claim = aClaim();
      await other.createRun(run);
      await other.append(run.id, anEntry(0));
      await other.claim(step(run.id), claim);
      expect(await store.createRun(aRun({ id: run.id }))).toMatchObject({ created: false });
      expect(await store.append(run.id, anEntry(0))).toBe("lost");
      expect(await store.claim(step(run.id), aClaim())).toEqual({ won: false, row: claim });
      expect(await store.end(step(run.id), anEnd())).toEqual({ won: false, row: claim });
      expect(await store.settle(step(run.id), anEnd())).toEqual({ won: false, row: claim });
      expect(await store.end(step(freshRun()), anEnd())).toEqual({ won: false, row: undefined });
      expect(await store.setDue(run.id, 3, 4)).toBe("lost");
    });
  });
}
