import { describe, expect, it } from "vitest";
import { pipeline } from "../../src/index.ts";
import { decodeValue } from "../../src/model/value.ts";
import type { Loader } from "../../src/orchestrate/loads.ts";
import { completed, loadText, Rehearsal } from "./rehearsal.ts";
import { load, note, take } from "./steps.ts";

const seen: unknown[] = [];
const loadsOf = (run: Rehearsal) => run.journal.flatMap((event) => (event.t === "loaded" ? [event] : []));

describe("loads", () => {
  const two = pipeline({ name: "two_loads" }, async () => {
    const [a, b] = await Promise.all([load({ city: "Oslo" }), take({})]);
    await Promise.all([a.load().then((value) => seen.push(["a", value])), b.load().then((value) => seen.push(["b", value]))]);
    await note({});
  });
  const both = async (loader: Loader) => {
    seen.length = 0;
    const run = await Rehearsal.start(two, { lent: { load: loader } });
    await run.see(
      run.outcome("load", completed("load", { output: [1, 2, 3, 4, 5] })),
      run.outcome("take", completed("take", { output: 7 })),
    );
    return run;
  };

  it("are fetched together and settled in the order of their calls", async () => {
    const asked: string[] = [];
    const release = Promise.withResolvers<void>();
    await both(async (ref, item) => {
      asked.push(ref.id);
      if (asked.length === 1) await release.promise;
      else release.resolve();
      return loadText(ref, item);
    });
    expect(asked).toEqual(["a.load.1.output", "a.take.1.output"]);
    expect(seen).toEqual([
      ["a", [1, 2, 3, 4, 5]],
      ["b", 7],
    ]);
  });

  it("are recorded: small ones with their value, so that a replay reads only the others", async () => {
    const run = await both(loadText);
    expect(loadsOf(run)).toEqual([
      { t: "loaded", artifact: "a.load.1.output" },
      { t: "loaded", artifact: "a.take.1.output", text: "7" },
    ]);
    const asked: string[] = [];
    seen.length = 0;
    const again = await run.again(two, { lent: { load: async (ref, item) => (asked.push(ref.id), loadText(ref, item)) } });
    expect([asked, seen, again.orchestration.fresh]).toEqual([
      ["a.load.1.output"],
      [
        ["a", [1, 2, 3, 4, 5]],
        ["b", 7],
      ],
      [],
    ]);
  });

  it("that fail are recorded, and fail in every replay, as what they were", async () => {
    const trying = pipeline({ name: "trying_load" }, async () => {
      const artifact = await take({});
      for (let i = 0; i < 2; i++) seen.push(await artifact.load().catch((error: unknown) => [error instanceof RangeError, String(error)]));
    });
    seen.length = 0;
    let calls = 0;
    const run = await Rehearsal.start(trying, {
      lent: {
        load: async (ref) => {
          if (calls++ > 0) throw new RangeError("gone");
          return { value: decodeValue("text" in ref.at ? ref.at.text : "") };
        },
      },
    });
    await run.complete("take", 5);
    expect(seen).toEqual([5, [true, "RangeError: gone"]]);
    seen.length = 0;
    const again = await run.again(trying);
    expect([seen, again.orchestration.divergedAt]).toEqual([[5, [true, "RangeError: gone"]], undefined]);
  });

  it("that went well before and cannot be repeated fail the turn, not the run", async () => {
    const run = await both(loadText);
    const broken = run.again(two, { lent: { load: () => Promise.reject(new Error("the store is away")) } });
    await expect(broken).rejects.toThrow("the store is away");
  });

  it("that failed for now fail the turn, and are neither recorded nor seen by the function", async () => {
    const away = new Error("the store is away");
    const lent = { load: () => Promise.reject(away), isPassing: (error: unknown) => error === away };
    seen.length = 0;
    const trying = pipeline({ name: "trying_away" }, async () => {
      const artifact = await take({});
      await artifact.load().catch((error: unknown) => seen.push(error));
    });
    const run = await Rehearsal.start(trying, { lent });
    await expect(run.complete("take", 5)).rejects.toBe(away);
    expect([seen, run.orchestration.fresh.filter(({ t }) => t === "loaded")]).toEqual([[], []]);
  });

  it("end with the function: no user code runs once it is out of the run", async () => {
    const host: { current?: { noteForeignCall(error: Error): void } } = {};
    const halting = pipeline({ name: "halting_loads" }, async () => {
      const [a, b] = [await take({}), await take({})];
      const first = a.load().then(() => {
        seen.push("first");
        return host.current?.noteForeignCall(new Error("foreign"));
      });
      await Promise.all([first, b.load().then(() => seen.push("second"))]);
    });
    seen.length = 0;
    const run = await Rehearsal.start(halting);
    host.current = run.orchestration.graph.get("take").owner as never;
    await run.complete("take", 1);
    await run.complete("take_2", 2);
    expect(seen).toEqual(["first"]);
    expect(run.ended).toMatchObject({ status: "failed", error: { message: "foreign" } });
  });
});
