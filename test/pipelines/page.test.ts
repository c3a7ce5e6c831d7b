import type { TopLevelSpec } from "vega-lite";
import { expect, test } from "vitest";
import { renderPage, type Page } from "../../handlers/pipelines/page.ts";

/** Its legend is a gradient, which the drawing refers to by an id. */
const chart: TopLevelSpec = {
  data: {
    values: [
      { day: 1, heat: 3 },
      { day: 2, heat: 9 },
    ],
  },
  mark: "rect",
  encoding: { x: { field: "day", type: "ordinal" }, color: { field: "heat", type: "quantitative" } },
};
const section = { heading: "Heat", text: "By day.", chart };
const page: Page = { title: "Heat", lead: "Days.", figures: [], sections: [section, { ...section, heading: "Again" }], source: "Made up." };

test("no id comes twice in a page, or one chart would take another's colours", async () => {
  const ids = [...(await renderPage(page)).matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(ids.length);
});

test("the same page is the same bytes, whatever was drawn before", async () => {
  const first = await renderPage(page);
  await renderPage({ ...page, sections: [section] });
  expect(await renderPage(page)).toBe(first);
});

test("texts are shown as they are, never as markup", async () => {
  const markup = await renderPage({
    ...page,
    title: `<b> & "it's"`,
    figures: [{ value: "<i>", label: "<u>" }],
    sections: [{ heading: "<h>", text: "<t>", table: { columns: ["<c>"], rows: [["<r>", "<d>"]] } }],
  });
  expect(markup).toContain("<h1>&lt;b&gt; &amp; &quot;it&#39;s&quot;</h1>");
  expect(markup.match(/<[biuhtcrd]>/g)).toBeNull();
});
