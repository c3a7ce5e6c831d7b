import { describe, expect, it } from "vitest";
import { pageSteps } from "../../src/observe/step-page.ts";
import { called, launched, mapped, WrittenRun } from "./written-run.ts";

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

  it.each(["x", "-1", "1.", ".1", "1.2.3", "1e3", ""])("refuse the cursor %j", async (cursor) => {
    const run = await WrittenRun.create();
    await expect(pageSteps(run, run.id, { cursor }, run.now)).rejects.toMatchObject({ code: "bad_option" });
  });
});
