import type { ArtifactRef } from "../model/artifact.ts";
import type { AttemptKey } from "../model/attempt.ts";
import { SkeinError } from "../model/error.ts";
import { parseArtifactId, parseItemId, type ArtifactAddress } from "../model/id.ts";
import { addressOf } from "../model/latch.ts";
import type { Outcome } from "../model/outcome.ts";
import { artifactResource } from "./artifact-resource.ts";
import { History, isMap, isStep } from "./history.ts";
import { shapeOf } from "./map-state.ts";
import type { ArtifactResource, LineageResource, StepRunResource } from "./resources.ts";
import { viewOf, type RunView } from "./run-view.ts";
import type { Sources } from "./sources.ts";
import { describeItems, describeStep, readNarrowRows } from "./step-runs.ts";
import { noRows } from "./step-state.ts";
import { upstreamOf } from "./input-resource.ts";

/** The artifact of that id. Throws `unknown_artifact`. */
export async function describeArtifact(sources: Sources, id: string, now: number): Promise<ArtifactResource> {
  const { ref } = await findArtifact(sources, id, now);
  return artifactResource(ref, sources.artifacts);
}

/** An artifact and the run that produced it. */
export interface FoundArtifact {
  readonly ref: ArtifactRef;
  readonly address: ArtifactAddress;
  readonly view: RunView;
}

/** Throws `unknown_artifact`. */
export async function findArtifact(sources: Sources, id: string, now: number): Promise<FoundArtifact> {
  const address = parseArtifactId(id);
  const record = address === undefined ? undefined : await sources.state.readRun(address.run);
  if (address === undefined || record === undefined) throw unknownArtifact(id);
  const tail = await sources.state.readTail(record.id, -1);
  const view = viewOf(record, History.of(tail.entries), tail.stop !== undefined, now);
  const outcome = seenOutcome(view.history, address) ?? (await storedOutcome(sources, view, address));
  const ref = outcome !== undefined && "outputs" in outcome ? outcome.outputs[address.output] : undefined;
  if (ref?.id !== id) throw unknownArtifact(id);
  return { ref, address, view };
}

/** Throws `unknown_artifact`. */
export async function describeLineage(sources: Sources, id: string, now: number): Promise<LineageResource> {
  return lineageOf(sources, await findArtifact(sources, id, now));
}

export async function lineageOf(sources: Sources, { ref, address, view }: FoundArtifact): Promise<LineageResource> {
  const producer = await describeProducer(sources, view, address.step);
  const map = parseItemId(address.step)?.map;
  const isUse = (upstream: string) => upstream === address.step || upstream === map;
  const users = [...view.history.calls].filter(({ call }) => upstreamOf(view.history, call.input.edges, undefined).some(isUse));
  return { artifact: artifactResource(ref, sources.artifacts), inputs: producer?.inputs ?? [], usedBy: users.map(({ call }) => call.id) };
}

async function describeProducer(sources: Sources, view: RunView, id: string): Promise<StepRunResource | undefined> {
  const call = view.history.call(id);
  if (call !== undefined && isStep(call)) return describeStep(sources, view, call, (await readNarrowRows(sources, view)).get(id) ?? noRows);
  const item = parseItemId(id);
  const map = item === undefined ? undefined : view.history.call(item.map);
  if (item === undefined || map === undefined || !isMap(map)) return undefined;
  const [described] = await describeItems(sources, view, map, { range: { from: item.index, to: item.index + 1 } });
  return described;
}

function seenOutcome(history: History, { step, attempt }: ArtifactAddress): Outcome | undefined {
  return history.call(step)?.outcomes.get(attempt)?.outcome;
}

async function storedOutcome(sources: Sources, view: RunView, address: ArtifactAddress): Promise<Outcome | undefined> {
  const key = keyOf(view, address);
  const [row] = key === undefined ? [] : await sources.state.readAttempts([key]);
  return row?.status === "ended" ? row.outcome : undefined;
}

function keyOf(view: RunView, { run, step, attempt }: ArtifactAddress): AttemptKey | undefined {
  if (view.history.call(step) !== undefined) return { run, id: step, attempt };
  const item = parseItemId(step);
  const map = item === undefined ? undefined : view.history.call(item.map);
  const shape = map !== undefined && isMap(map) ? shapeOf(map, view) : undefined;
  if (item === undefined || shape === undefined || item.index >= shape.items) return undefined;
  return { run, id: step, attempt, item: addressOf(shape, item.index) };
}

function unknownArtifact(id: string): SkeinError {
  return new SkeinError("unknown_artifact", `There is no artifact "${id}" here. "skein artifacts <run>" lists those of a run.`);
}
