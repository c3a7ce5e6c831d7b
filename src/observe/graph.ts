import type { CallHistory } from "./call-history.ts";
import { isMap } from "./history.ts";
import { nodeOf } from "./input-resource.ts";
import { itemsOf, mapState } from "./map-state.ts";
import { formatPath } from "../model/input.ts";
import type { GraphResource } from "./resources.ts";
import { readView, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { readNarrowRows } from "./step-runs.ts";
import { noRows, stepState, type AttemptRows } from "./step-state.ts";

/** What happened so far, as a graph of step runs and maps. Throws `unknown_run`. */
export async function describeGraph(sources: Sources, run: string, now: number): Promise<GraphResource> {
  const view = await readView(sources, run, now);
  const rows = await readNarrowRows(sources, view);
  const calls = [...view.history.calls];
  return {
    run: view.record.id,
    nodes: calls.map((call) => nodeResource(view, call, rows.get(call.call.id) ?? noRows)),
    edges: calls.flatMap((call) => [...dataEdges(view, call), ...orderEdges(view, call)]),
  };
}

function nodeResource(view: RunView, history: CallHistory, rows: AttemptRows): GraphResource["nodes"][number] {
  const { id, step, runtime } = history.call;
  if (!isMap(history)) return { id, step, kind: "step", runtime, status: stepState(history, rows, view.moment).status };
  const items = itemsOf(history);
  return { id, step, kind: "map", runtime, status: mapState(history, rows, view.moment).status, ...(items === undefined ? {} : { items }) };
}

function dataEdges(view: RunView, { call }: CallHistory): GraphResource["edges"] {
  return call.input.edges.map((edge) => ({
    from: nodeOf(view.history, edge.from),
    to: call.id,
    kind: "data",
    output: edge.output,
    ...itemOf(view, edge.from, edge.item),
    path: formatPath(edge.path),
  }));
}

/** `parts[3]` is item 3 of the node `parts`, as item 3 of its list is. */
function itemOf(view: RunView, from: string, item: number | undefined): { readonly item?: number } {
  const node = nodeOf(view.history, from);
  const index = node === from ? item : Number(from.slice(node.length + 1, -1));
  return index === undefined ? {} : { item: index };
}

function orderEdges(view: RunView, { call }: CallHistory): GraphResource["edges"] {
  return (call.after ?? []).map((from) => ({ from: nodeOf(view.history, from), to: call.id, kind: "order" }));
}
