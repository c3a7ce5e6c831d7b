import { parse, resetSVGDefIds, View } from "vega";
import { compile, type Config, type TopLevelSpec } from "vega-lite";

/** Text and lines take the colour of the page around them, so a chart fits a light page and a dark one. */
const theme: Config = {
  aria: false, // the page names the chart as a whole
  background: "transparent",
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    domain: false,
    gridColor: "currentColor",
    gridOpacity: 0.12,
    labelColor: "currentColor",
    labelFontSize: 11,
    labelOpacity: 0.75,
    labelPadding: 5,
    tickColor: "currentColor",
    tickOpacity: 0.25,
    titleColor: "currentColor",
    titleFontSize: 11,
    titleFontWeight: 500,
    titleOpacity: 0.75,
  },
  legend: { labelColor: "currentColor", labelFontSize: 11, titleColor: "currentColor", titleFontSize: 11, titleFontWeight: 500 },
  title: { anchor: "start", color: "currentColor", fontSize: 12, fontWeight: 600, offset: 8 },
};

/**
 * The charts of one page as SVG markup that needs nothing else: no script, no font file, no request. Drawn one after the other,
 * because the library numbers the parts that a chart refers to in the order of drawing: no number comes twice in a page, and the
 * same charts give the same bytes, whatever the process has drawn before.
 */
export async function drawCharts(specs: readonly (TopLevelSpec | undefined)[]): Promise<(string | undefined)[]> {
  resetSVGDefIds();
  const charts = [];
  for (const spec of specs) charts.push(spec === undefined ? undefined : await drawChart(spec));
  return charts;
}

async function drawChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec, { config: theme }).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
