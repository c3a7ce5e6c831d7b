import { formatPath, inputKey, maxLiteral, type Edge, type EncodedInput, type Path } from "../model/input.ts";
import { itemId, parseItemId, type RunId } from "../model/id.ts";
import { outputsOf } from "../model/outcome.ts";
import { decodeValue } from "../model/value.ts";
import { SkeinError } from "../model/error.ts";
import { isMap, type History } from "./history.ts";
import type { InputResource } from "./resources.ts";
import { jsonView } from "./json-view.ts";
import type { Sources } from "./sources.ts";

/** Longer spilled literals are not fetched to be shown. */
const maxShown = 4_000_000;

/** The input with its literals at hand; undefined where they are too long to show, or gone. */
export async function withLiteral(sources: Sources, run: RunId, input: EncodedInput): Promise<EncodedInput | undefined> {
  if (input.spilled === undefined) return input;
  if (input.spilled.bytes > maxShown) return undefined;
  try {
    const bytes = await sources.artifacts.get(inputKey(run, input.spilled.digest));
    return { literal: new TextDecoder().decode(bytes), edges: input.edges };
  } catch (error) {
    if (error instanceof SkeinError && error.code === "artifact_missing") return undefined;
    throw error;
  }
}

/** Literals by field, artifacts where they stand: in the order of the input. */
export function inputResources(history: History, input: EncodedInput): readonly InputResource[] {
  return resourcesBelow(history, [], decodeValue(input.literal), input.edges);
}

function resourcesBelow(history: History, path: Path, value: unknown, edges: readonly Edge[]): readonly InputResource[] {
  const byKey = Map.groupBy(edges, (edge) => edge.path[path.length]);
  return childrenOf(value).flatMap(([key, part]) => {
    const here = [...path, key];
    const inside = byKey.get(key) ?? [];
    if (inside.length === 0) return [valueResource(here, part)];
    if (inside[0]?.path.length === here.length) return edgeResource(history, inside[0]);
    return resourcesBelow(history, here, part, inside);
  });
}

export function omittedInput(input: EncodedInput, history: History): readonly InputResource[] {
  const whole = { path: "", value: null, omitted: { characters: input.spilled?.bytes ?? input.literal.length } };
  return [whole, ...input.edges.flatMap((edge) => edgeResource(history, edge))];
}

/** Ids of the step runs that an input uses, and of those that the call comes after, each once. */
export function upstreamOf(history: History, edges: readonly Edge[], after: readonly string[] | undefined): readonly string[] {
  const used = edges.map((edge) => {
    const from = history.call(edge.from);
    return edge.item !== undefined && edge.partial === undefined && from !== undefined && isMap(from)
      ? itemId(edge.from, edge.item)
      : edge.from;
  });
  return [...new Set([...used, ...(after ?? [])])];
}

/** The artifact that an edge stands for, once the run has seen it. */
export function artifactOfEdge(history: History, edge: Edge): { readonly id: string; readonly itemCount?: number } | undefined {
  const call = history.call(edge.from);
  const seen = call === undefined ? history.itemOutcome(edge.from) : call.final;
  return outputsOf(seen?.outcome, edge.partial)?.[edge.output];
}

function edgeResource(history: History, edge: Edge): readonly InputResource[] {
  const artifact = artifactOfEdge(history, edge);
  if (artifact === undefined) return [];
  return [{ path: formatPath(edge.path), artifact: artifact.id, ...(edge.item === undefined ? {} : { item: edge.item }) }];
}

function valueResource(path: Path, value: unknown): InputResource {
  const shown = jsonView(value);
  const characters = JSON.stringify(shown).length;
  return characters > maxLiteral
    ? { path: formatPath(path), value: null, omitted: { characters } }
    : { path: formatPath(path), value: shown };
}

function childrenOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((part: unknown, i) => [i, part] as const);
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

/** `parts[3]` belongs to the node `parts`. */
export function nodeOf(history: History, id: string): string {
  return history.call(id) === undefined ? (parseItemId(id)?.map ?? id) : id;
}
