import { engineFolder } from "../../src/adapters/local/engine-folder.ts";
import { FileArtifactStore } from "../../src/adapters/local/file-artifact-store.ts";
import { LogFile } from "../../src/adapters/local/log-file.ts";
import { SqliteStateStore } from "../../src/adapters/local/sqlite-state-store.ts";
import { loadArtifact } from "../../src/execute/load-artifact.ts";
import { parseArtifactId } from "../../src/model/id.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { describeDetail } from "../../src/observe/detail.ts";
import { describeGraph } from "../../src/observe/graph.ts";
import type { ArtifactResource, RunDetail, StepRunResource } from "../../src/observe/resources.ts";
import type { ArtifactStore } from "../../src/ports/artifact-store.ts";
import type { LogReader } from "../../src/ports/log-sink.ts";
import type { StateStore } from "../../src/ports/state-store.ts";

export interface Stores {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogReader;
}

/** The only run of a folder, as observers see it. */
export async function look<T>(dir: string, work: (stores: Stores, run: RunRecord) => Promise<T>): Promise<T> {
  const folder = engineFolder(dir);
  const state = new SqliteStateStore({ path: folder.state, readOnly: true });
  try {
    const sources = { state, artifacts: FileArtifactStore.open(folder.artifacts), logs: new LogFile(folder.logs) };
    const { items } = await state.listRuns({});
    const [run, ...others] = items;
    if (run === undefined || others.length > 0) throw new Error(`${items.length} runs in ${dir}`);
    return await work(sources, run);
  } finally {
    await state.close();
  }
}

export const detailOf = (dir: string): Promise<RunDetail> => look(dir, (sources, run) => describeDetail(sources, run.id, Date.now()));

/** What is the same whenever the same run is made again: everything but times, places and the run's own name. */
export async function pictureOf(dir: string): Promise<unknown> {
  return look(dir, async (sources, run) => {
    const { steps, maps, run: described } = await describeDetail(sources, run.id, Date.now());
    const { nodes, edges } = await describeGraph(sources, run.id, Date.now());
    return {
      status: described.status,
      steps: described.steps,
      outputs: Object.fromEntries(
        Object.entries(described.outputs).map(([name, output]) => [name, isList(output) ? output.map(content) : content(output)]),
      ),
      values: await valuesOf(sources.artifacts, run),
      stepRuns: steps.map(stepPicture),
      maps: maps.map(({ id, order, step, status, items, steps, outputs, upstream }) => ({
        id,
        order,
        step,
        status,
        items,
        steps,
        lists: Object.values(outputs).map(({ itemCount }) => itemCount),
        upstream,
      })),
      graph: { nodes, edges },
    };
  });
}

function stepPicture({
  id,
  order,
  step,
  status,
  reason,
  runtime,
  call,
  map,
  inputs,
  outputs,
  upstream,
  metadata,
}: StepRunResource): object {
  return {
    id,
    order,
    step,
    status,
    reason,
    runtime,
    call,
    map,
    upstream,
    metadata,
    inputs: inputs.map((input) =>
      "artifact" in input
        ? { ...input, artifact: origin(input.artifact) }
        : input.path === "file" || input.path === "gate"
          ? { path: input.path }
          : input,
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, content(output)])),
  };
}

/** An artifact by its step run and output. */
function origin(id: string): string {
  const address = parseArtifactId(id);
  return address === undefined ? id : `${address.step}.${address.output}`;
}

/** Lists of a map name their run's artifacts: their items are compared one by one. */
function content({ id, digest, bytes, itemCount, mediaType }: ArtifactResource): object {
  return itemCount !== undefined && mediaType === listType ? { of: origin(id), itemCount } : { of: origin(id), digest, bytes, mediaType };
}

const listType = "application/vnd.skein.list";

function isList(output: ArtifactResource | readonly ArtifactResource[]): output is readonly ArtifactResource[] {
  return Array.isArray(output);
}

/** Of those that need no materializer of their own; the others' digests must do. */
async function valuesOf(artifacts: ArtifactStore, { ended }: RunRecord): Promise<unknown> {
  const outputs = Object.entries(ended?.outputs ?? {}).map(
    ([name, output]) => [name, [output].flat().filter((ref) => ref.materializer === "json")] as const,
  );
  return Promise.all(
    outputs.map(async ([name, refs]) => [name, await Promise.all(refs.map((ref) => loadArtifact(ref, undefined, { artifacts })))]),
  );
}
