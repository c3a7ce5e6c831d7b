import { groupCount, hasLanes } from "../model/latch.ts";
import { closeMap } from "./close-map.ts";
import type { MapFacts } from "./map-items.ts";
import { itemsPerPage, writePage, type PagedItem } from "./map-pages.ts";
import type { MapRange } from "./map-range.ts";
import type { Ports } from "./ports.ts";
import { startItem } from "./start-item.ts";

export function factsOf(range: MapRange): MapFacts {
  return { run: range.run.id, step: range.node.called.step, policy: range.policy };
}

/** Items handed to the operator at once. */
const launchesAtOnce = 32;

/** Launches an isolated map whose entry is durable: all of its items, or the first of each lane; an empty one closes at once. */
export async function launchMap(range: MapRange, ports: Ports): Promise<void> {
  const { shape } = range;
  if (shape.items === 0) {
    await closeMap(factsOf(range), shape, ports);
    await ports.turns.wake({ v: 1, run: range.run.id, reason: "outcome" });
    return;
  }
  if (shape.pages !== undefined) await writePages(range, shape.pages, ports);
  const first = hasLanes(shape)
    ? Array.from({ length: groupCount(shape) }, (_, lane) => lane)
    : Array.from({ length: shape.items }, (_, index) => index);
  await launchItems(range, first, ports);
}

export async function writePages(range: MapRange, pages: string, ports: Ports): Promise<void> {
  for (let from = 0; from < range.shape.items; from += itemsPerPage) {
    const items: PagedItem[] = [];
    for (let index = from; index < Math.min(from + itemsPerPage, range.shape.items); index++) items.push(range.item(index));
    await writePage(ports.artifacts, pages, from / itemsPerPage, items);
  }
}

/** Launches these items; what the cache holds is ended instead, and with it the lane goes on. */
export async function launchItems(range: MapRange, indexes: readonly number[], ports: Ports): Promise<void> {
  for (let from = 0; from < indexes.length; from += launchesAtOnce) {
    await Promise.all(
      indexes.slice(from, from + launchesAtOnce).map((index) => startItem(range.shape, index, (item) => range.task(item), ports)),
    );
  }
}
