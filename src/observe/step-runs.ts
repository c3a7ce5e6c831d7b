import { itemId } from "../model/id.ts";
import { MapInput, literalLengths, type FieldLengths } from "../model/map-input.ts";
import type { EncodedInput } from "../model/input.ts";
import { outputResources } from "./artifact-resource.ts";
import { attemptResources } from "./attempt-resource.ts";
import { isMap, isStep, type MapHistory, type StepHistory } from "./history.ts";
import { artifactOfEdge, inputResources, omittedInput, upstreamOf, withLiteral } from "./input-resource.ts";
import { readItemRows, stateOfItem, type ItemRange } from "./map-state.ts";
import type { StepRunResource } from "./resources.ts";
import { rowsByStep } from "./rows-by-step.ts";
import type { RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { noRows, stepState, type AttemptRows, type StepState } from "./step-state.ts";

/** All rows of narrow steps (and closing rows of maps), by step run. */
export async function readNarrowRows(sources: Sources, view: RunView): Promise<ReadonlyMap<string, AttemptRows>> {
  return rowsByStep(await sources.state.listAttempts(view.record.id));
}

export async function describeStep(sources: Sources, view: RunView, step: StepHistory, rows: AttemptRows): Promise<StepRunResource> {
  const { call } = step;
  const input = await withLiteral(sources, view.record.id, call.input);
  return {
    ...resourceOf(sources, stepState(step, rows, view.moment), {
      id: call.id,
      order: step.order,
      step: call.step,
      runtime: call.runtime,
      call: call.call,
    }),
    inputs: input === undefined ? omittedInput(call.input, view.history) : inputResources(view.history, input),
    upstream: upstreamOf(view.history, call.input.edges, call.after),
  };
}

/** The items of a map, or of a part of it, and of those the ones whose state is wanted. */
export async function describeItems(
  sources: Sources,
  view: RunView,
  map: MapHistory,
  { range, wanted = () => true }: { readonly range?: ItemRange; readonly wanted?: (state: StepState) => boolean } = {},
): Promise<readonly StepRunResource[]> {
  const rows = await readItemRows(sources, view, map, range);
  if (rows.length === 0) return [];
  const inputOf = await itemInputs(sources, view, map);
  return rows.flatMap((own, i) => {
    const index = (range?.from ?? 0) + i;
    const state = stateOfItem(map, own, view.moment);
    return wanted(state) ? [itemResource(sources, view, map, { index, state, input: inputOf(index) })] : [];
  });
}

interface Item {
  readonly index: number;
  readonly state: StepState;
  readonly input: EncodedInput | undefined;
}

function itemResource(sources: Sources, view: RunView, map: MapHistory, { index, state, input }: Item): StepRunResource {
  const { call } = map;
  const identity = {
    id: itemId(call.id, index),
    order: map.order,
    step: call.step,
    runtime: call.runtime,
    call: "map_item" as const,
    map: { id: call.id, index },
  };
  return {
    ...resourceOf(sources, state, identity),
    inputs: input === undefined ? omittedInput(call.input, view.history) : inputResources(view.history, input),
    upstream: upstreamOf(view.history, (input ?? call.input).edges, call.after),
  };
}

async function itemInputs(sources: Sources, view: RunView, map: MapHistory): Promise<(index: number) => EncodedInput | undefined> {
  const input = await withLiteral(sources, view.record.id, map.call.input);
  if (input === undefined) return () => undefined;
  const mapped = { ...map.call, input };
  const inputs = new MapInput(mapped, { ...literalLengths(mapped), ...artifactLengths(view, map) });
  return (index) => inputs.item(index);
}

function artifactLengths(view: RunView, map: MapHistory): FieldLengths {
  return Object.fromEntries(
    map.call.input.edges.flatMap((edge) => {
      const length = edge.path.length === 1 ? artifactOfEdge(view.history, edge)?.itemCount : undefined;
      return length === undefined ? [] : [[String(edge.path[0]), length]];
    }),
  );
}

type Identity = Pick<StepRunResource, "id" | "order" | "step" | "runtime" | "call" | "map">;

function resourceOf(sources: Sources, state: StepState, identity: Identity): Omit<StepRunResource, "inputs" | "upstream"> {
  const { outcome } = state;
  return {
    ...identity,
    status: state.status,
    ...(state.reason === undefined ? {} : { reason: state.reason }),
    outputs: outcome !== undefined && "outputs" in outcome ? outputResources(outcome.outputs, sources.artifacts) : {},
    attempts: attemptResources(state.attempts, identity),
    ...(outcome?.status === "cached" ? { cachedFrom: outcome.origin } : {}),
    metadata: outcome !== undefined && "metadata" in outcome ? (outcome.metadata ?? {}) : {},
  };
}

/** Steps in the order of their calls, the items of a map where it was called (or not at all). */
export async function describeStepRuns(
  sources: Sources,
  view: RunView,
  rows: ReadonlyMap<string, AttemptRows>,
  options: { readonly items: boolean },
): Promise<readonly StepRunResource[]> {
  const described: (readonly StepRunResource[])[] = [];
  for (const call of view.history.calls) {
    if (isStep(call)) described.push([await describeStep(sources, view, call, rows.get(call.call.id) ?? noRows)]);
    else if (isMap(call) && options.items) described.push(await describeItems(sources, view, call));
  }
  return described.flat();
}
