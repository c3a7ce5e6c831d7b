import { describe, expect, it } from "vitest";
import { pageSteps } from "../../src/observe/step-page.ts";
import { addressOf } from "../../src/model/latch.ts";
import { called, completed, failed, launched, mapped, outcome, WrittenRun } from "./written-run.ts";

async function read(run: WrittenRun, query: Parameters<typeof pageSteps>[2] = {}) {
  const pages: Awaited<ReturnType<typeof pageSteps>>[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await pageSteps(run, run.id, { ...query, ...(cursor === undefined ? {} : { cursor }) }, run.now);
    pages.push(page);
    cursor = page.cursor;
    if (cursor === undefined) return pages;
  }
}

const idsOf = (pages: Awaited<ReturnType<typeof read>>) =>
  pages.map(({ steps, maps }) => [...maps, ...steps].toSorted((a, b) => a.order - b.order).map(({ id }) => id));

describe("pages of step runs", () => {
  it("count maps and their items like step runs, and go on within a map", async () => {
    const run = await WrittenRun.create();
    await run.entry(called("load"), mapped("fit", { x: [1, 2, 3] }), launched("fit", { items: 3 }), called("save"));
    expect(idsOf(await read(run, { limit: 2 }))).toEqual([
      ["load", "fit"],
      ["fit[0]", "fit[1]"],
      ["fit[2]", "save"],
    ]);
    expect(idsOf(await read(run, { limit: 3, items: false }))).toEqual([["load", "fit", "save"]]);
  });

  it("end early where step runs are long", async () => {
    const run = await WrittenRun.create();
    const note = "x".repeat(8_000);
    await run.entry(...Array.from({ length: 500 }, (_, n) => called(`step_${n}`, { note, n })));
    const pages = await read(run, { limit: 1_000 });
    expect(pages.length).toBeGreaterThan(1);
    expect(Math.max(...pages.map((page) => JSON.stringify(page).length))).toBeLessThan(3_100_000);
    expect(idsOf(pages).flat()).toEqual(Array.from({ length: 500 }, (_, n) => `step_${n}`));
  });

  it("leave out inputs that are very long in all", async () => {
    const run = await WrittenRun.create();
    const input = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field_${n}`, "x".repeat(8_000)]));
    await run.entry(called("wide", input));
    const [page] = await read(run);
    expect(page?.steps[0]?.inputs).toEqual([{ path: "", value: null, omitted: { characters: expect.any(Number) } }]);
  });

  it("read the rows of their own items, and of further attempts where one failed", async () => {
    const shape = { id: "fit", items: 1_200, width: 500 };
    const run = await WrittenRun.create();
    await run.entry(mapped("fit", { x: Array.from({ length: 1_200 }, (_, n) => n) }), launched("fit", { items: 1_200 }));
    await run.items(shape, Object.fromEntries(Array.from({ length: 1_200 }, (_, n) => [n, n === 150 ? failed("no") : completed()])));
    const again = { run: run.id, id: "fit[150]", attempt: 2, item: addressOf(shape, 150) };
    await run.state.recordItems([
      { key: again, row: { status: "ended", nonce: "n", outcome: completed(), startedAt: run.now, endedAt: run.now } },
    ]);
    await run.entry(outcome("fit", completed(), { counts: { completed: 1_200 } }));
    const asked: number[] = [];
    const readAttempts = run.state.readAttempts.bind(run.state);
    run.state.readAttempts = async (keys) => {
      asked.push(keys.length);
      return readAttempts(keys);
    };
    run.state.readItems = () => Promise.reject(new Error("all items are read"));

    const pages = await read(run, { limit: 100 });
    expect(idsOf(pages).flat()).toEqual(["fit", ...Array.from({ length: 1_200 }, (_, n) => `fit[${n}]`)]);
    expect(pages[1]?.steps[51]?.attempts.map(({ status }) => status)).toEqual(["failed", "completed"]);
    expect(asked.slice(0, 4)).toEqual([100, 101, 1, 101]);
  });

  it("of one status look through some thousand items each", async () => {
    const shape = { id: "fit", items: 12_000, width: 500 };
    const run = await WrittenRun.create();
    await run.entry(mapped("fit", { x: [1] }), launched("fit", { items: 12_000 }));
    await run.items(shape, { 7: failed("no"), 11_999: failed("no") });
    const pages = await read(run, { status: "failed" });
    expect(idsOf(pages)).toEqual([["fit[7]"], [], ["fit[11999]"]]);
  });

  it("of one status read no items of a map that ended without any of it", async () => {
    const run = await WrittenRun.create();
    await run.entry(mapped("fit", { x: [1, 2] }), launched("fit", { items: 2 }));
    await run.items({ id: "fit", items: 2, width: 1_000 }, { 0: completed(), 1: completed() });
    const counts = { completed: 2, failed: 0 };
    const reads: string[] = [];
    const readItems = run.state.readItems.bind(run.state);
    run.state.readItems = async (id, shape, group) => {
      reads.push(shape.id);
      return readItems(id, shape, group);
    };
    expect(idsOf(await read(run, { status: "completed" }))).toEqual([["fit[0]", "fit[1]"]]);
    expect(reads).not.toEqual([]);
    await run.entry(outcome("fit", completed(), { counts }));
    reads.length = 0;
    expect(idsOf(await read(run, { status: "failed" }))).toEqual([[]]);
    expect(reads).toEqual([]);
    expect(idsOf(await read(run, { status: "completed" }))).toEqual([["fit", "fit[0]", "fit[1]"]]);
  });

  it.each(["x", "-1", "1.", ".1", "1.2.3", "1e3", ""])("refuse the cursor %j", async (cursor) => {
    const run = await WrittenRun.create();
    await expect(pageSteps(run, run.id, { cursor }, run.now)).rejects.toMatchObject({ code: "bad_option" });
  });
});
