import type { TopLevelSpec } from "vega-lite";
import { drawCharts } from "./chart.ts";

/** A document of its own: no script and no request, readable in light and dark. All texts are plain text. */
export interface Page {
  readonly title: string;
  readonly lead: string;
  readonly figures: readonly Figure[];
  readonly sections: readonly Section[];
  /** Where the data come from. */
  readonly source: string;
}

/** A number that matters, and what it says. */
export interface Figure {
  readonly value: string;
  readonly label: string;
}

export interface Section {
  readonly heading: string;
  readonly text: string;
  readonly chart?: TopLevelSpec;
  readonly table?: Table;
}

export interface Table {
  /** The first column is the row's name, the others are numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export async function renderPage({ title, lead, figures, sections, source }: Page): Promise<string> {
  const charts = await drawCharts(sections.map(({ chart }) => chart));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escape(title)}</h1>
<p class="lead">${escape(lead)}</p>
<dl>${figures.map(renderFigure).join("")}</dl>
</header>
${sections.map((section, index) => renderSection(section, charts[index])).join("\n")}
<footer><p>${escape(source)}</p></footer>
</main>
</body>
</html>
`;
}

function renderFigure({ value, label }: Figure): string {
  return `<div><dt>${escape(label)}</dt><dd>${escape(value)}</dd></div>`;
}

function renderSection({ heading, text, table }: Section, chart: string | undefined): string {
  const parts = [
    `<h2>${escape(heading)}</h2>`,
    `<p>${escape(text)}</p>`,
    chart === undefined ? "" : `<div class="chart" role="img" aria-label="${escape(heading)}">${chart}</div>`,
    table === undefined ? "" : renderTable(table),
  ];
  return `<section>\n${parts.filter((part) => part !== "").join("\n")}\n</section>`;
}

function renderTable({ columns, rows }: Table): string {
  const head = columns.map((name) => `<th scope="col">${escape(name)}</th>`).join("");
  const body = rows.map(([name = "", ...cells]) => {
    const numbers = cells.map((cell) => `<td>${escape(cell)}</td>`).join("");
    return `<tr><th scope="row">${escape(name)}</th>${numbers}</tr>`;
  });
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

const style = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2430; --quiet: #5b6676; --line: #e3e6eb; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1a2029; --text: #e6e9ee; --quiet: #9aa5b4; --line: #2b3340; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
h1 { margin: 0 0 .5rem; font-size: 2rem; line-height: 1.2; letter-spacing: -.02em; }
h2 { margin: 0 0 .25rem; font-size: 1.2rem; letter-spacing: -.01em; }
p { margin: 0; color: var(--quiet); max-width: 52rem; text-wrap: pretty; }
.lead { font-size: 1.1rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 1.75rem 0; }
dl div, section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
dl div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .9rem 1.1rem; }
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; font-size: 1.6rem; font-weight: 600; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
section { padding: 1.4rem 1.5rem; margin-bottom: 1.25rem; }
.chart { margin-top: 1.1rem; overflow-x: auto; }
.chart svg { display: block; width: 100%; max-width: 56rem; min-width: 36rem; height: auto; margin: 0 auto; }
.table { margin-top: 1rem; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; text-align: right; border-bottom: 1px solid var(--line); font-weight: 400; white-space: nowrap; }
thead th { color: var(--quiet); font-size: .8rem; }
th:first-child { padding-left: 0; text-align: left; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
footer p { font-size: .85rem; margin-top: 1.5rem; }
`;
