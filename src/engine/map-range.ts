import { findStep } from "../define/catalogue.ts";
import { loadRefs } from "../execute/load-artifact.ts";
import { cacheKey } from "../launch/cache-key.ts";
import { resolveEdges } from "../launch/task.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { SkeinError } from "../model/error.ts";
import { inputKey } from "../model/input.ts";
import { MapInput } from "../model/map-input.ts";
import type { RunRecord } from "../model/run.ts";
import type { MapShape, ResolvedEdge, StepTask } from "../model/task.ts";
import type { Graph } from "../orchestrate/graph.ts";
import type { MapNode } from "../orchestrate/node.ts";
import { itemTask, type PagedItem } from "./map-pages.ts";
import { shapeOf } from "./node-task.ts";
import type { Ports } from "./ports.ts";

/** The items of a map as tasks, made one by one when they are wanted: a map of 100,000 never has them all in memory. */
export class MapRange {
  readonly shape: MapShape;
  readonly run: RunRecord;
  readonly node: MapNode;
  readonly #graph: Graph;
  readonly #input: MapInput;
  /** The items of list artifacts that are lists of artifacts themselves: their tasks name the item, not the list. */
  readonly #lists: ReadonlyMap<string, readonly ArtifactRef[]>;

  private constructor(
    node: MapNode,
    run: RunRecord,
    graph: Graph,
    parts: { readonly input: MapInput; readonly lists: ReadonlyMap<string, readonly ArtifactRef[]> },
  ) {
    this.node = node;
    this.run = run;
    this.#graph = graph;
    this.shape = shapeOf(node, run);
    this.#input = parts.input;
    this.#lists = parts.lists;
  }

  static async open(node: MapNode, run: RunRecord, graph: Graph, ports: Pick<Ports, "artifacts">): Promise<MapRange> {
    const { called } = node;
    const literal = called.input.spilled === undefined ? called.input.literal : await spilledText(run, called.input.spilled.digest, ports);
    const lengths = Object.entries(node.lengths((id) => graph.get(id).delivered)).map(([name, length]) => [name, length ?? 0] as const);
    const input = new MapInput({ ...called, input: { ...called.input, literal } }, Object.fromEntries(lengths));
    const whole = resolveEdges(called.input, (id) => graph.get(id).delivered).filter(
      ({ path, artifact }) => path.length === 1 && artifact.materializer === "list",
    );
    const lists = await Promise.all(
      whole.map(async ({ artifact }) => [artifact.id, await loadRefs(artifact, { artifacts: ports.artifacts })] as const),
    );
    return new MapRange(node, run, graph, { input, lists: new Map(lists) });
  }

  get policy(): StepTask["policy"] {
    return this.node.called.policy ?? {};
  }

  item(index: number): PagedItem {
    const input = this.#input.item(index);
    const edges = resolveEdges(input, (id) => this.#graph.get(id).delivered).map((edge) => this.#direct(edge));
    const { literal } = input;
    const key = this.policy.cache === undefined ? undefined : cacheKey(findStep(this.node.called.step), { literal }, edges);
    return { input: { literal }, edges, ...(key === undefined ? {} : { cacheKey: key }) };
  }

  task(index: number): StepTask {
    return itemTask(
      { key: { run: this.run.id }, pipeline: this.run.pipeline, step: this.node.called.step, policy: this.policy },
      this.shape,
      index,
      this.item(index),
    );
  }

  #direct(edge: ResolvedEdge): ResolvedEdge {
    const artifact = edge.item === undefined ? undefined : this.#lists.get(edge.artifact.id)?.[edge.item];
    return artifact === undefined ? edge : { path: edge.path, artifact };
  }
}

async function spilledText(run: RunRecord, digest: string, { artifacts }: Pick<Ports, "artifacts">): Promise<string> {
  const text = new TextDecoder().decode(await artifacts.get(inputKey(run.id, digest)));
  if (text === "") throw new SkeinError("artifact_altered", `the stored input ${inputKey(run.id, digest)} is empty`);
  return text;
}
