import { addressOf } from "../model/latch.ts";
import { itemId, type RunId, type StepRunId } from "../model/id.ts";
import { SkeinError } from "../model/error.ts";
import type { EncodedInput } from "../model/input.ts";
import type { MapShape, ResolvedEdge, StepTask } from "../model/task.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";

/** The inputs of a map's items lie in pages of this many, so that a finisher reads one small object (R9). */
export const itemsPerPage = 250;

/** An item of a map, ready to be made a task. */
export interface PagedItem {
  readonly input: Omit<EncodedInput, "edges">;
  readonly edges: readonly ResolvedEdge[];
  readonly cacheKey?: string;
}

export function pagesKey(run: RunId, map: StepRunId): string {
  return `${run}/maps/${map}`;
}

export async function writePage(artifacts: ArtifactStore, pages: string, page: number, items: readonly PagedItem[]): Promise<void> {
  await artifacts.put(`${pages}/${page}`, new TextEncoder().encode(JSON.stringify(items)), { mediaType: "application/json" });
}

/** The last page is written last. */
export function hasPages(map: MapShape, pages: string, artifacts: Pick<ArtifactStore, "has">): Promise<boolean> {
  return artifacts.has(`${pages}/${Math.floor((map.items - 1) / itemsPerPage)}`);
}

/** The task of another item of the same map, from its page. */
export async function pagedTask(task: StepTask, map: MapShape, index: number, artifacts: ArtifactStore): Promise<StepTask> {
  if (map.pages === undefined) throw new SkeinError("journal_incomplete", `map ${map.id} runs in lanes but has no pages`);
  const key = `${map.pages}/${Math.floor(index / itemsPerPage)}`;
  const page: unknown = JSON.parse(new TextDecoder().decode(await artifacts.get(key)));
  const item: unknown = Array.isArray(page) ? page[index % itemsPerPage] : undefined;
  if (!isPagedItem(item)) throw new SkeinError("store_corrupt", `${artifacts.uri(key)} does not hold item ${index} of map ${map.id}`);
  return itemTask(task, map, index, item);
}

/** Written by this program, yet it comes from outside the process. */
function isPagedItem(item: unknown): item is PagedItem {
  return typeof item === "object" && item !== null && "input" in item && "edges" in item && Array.isArray(item.edges);
}

/** A first attempt at an item; `like` is a task of the same map, or has all of one but the item. */
export function itemTask(
  like: Pick<StepTask, "pipeline" | "step" | "policy"> & { readonly key: { readonly run: RunId } },
  map: MapShape,
  index: number,
  item: PagedItem,
): StepTask {
  return {
    v: 1,
    key: { run: like.key.run, id: itemId(map.id, index), attempt: 1, item: addressOf(map, index) },
    pipeline: like.pipeline,
    step: like.step,
    input: item.input,
    edges: item.edges,
    policy: like.policy,
    map,
    ...(item.cacheKey === undefined ? {} : { cacheKey: item.cacheKey }),
  };
}
