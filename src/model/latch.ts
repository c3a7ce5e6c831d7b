import type { ItemAddress } from "./attempt.ts";
import type { MapShape } from "./task.ts";

/** Items, or nodes of the level below, that one node of a map's latch covers (R7). */
export const fanIn = 32;
/** Items at once of a map that does not say otherwise: all of them where lanes, which cost a mark each, would be short (R8). */
const widthOfSmall = 1_000;
const widthOfLarge = 500;
/** Rows of a map lie in ⌈N/500⌉ partitions, at most 64 (R21). */
const itemsPerShard = 500;
const maxShards = 64;

/** A map's items at once. `asked`: its own `maxConcurrency`; `ofRun`: the pipeline's. */
export function widthOf(items: number, asked: number | undefined, ofRun: number | undefined): number {
  const most = items <= widthOfSmall ? widthOfSmall : widthOfLarge;
  return Math.min(asked ?? most, ofRun ?? most);
}

/** Wider than its width, a map runs in lanes: the finisher of item i launches i + width. */
export function hasLanes(map: MapShape): boolean {
  return map.items > map.width;
}

/** Number of latch groups: lanes, or runs of 32 items. */
export function groupCount(map: MapShape): number {
  return hasLanes(map) ? map.width : Math.ceil(map.items / fanIn);
}

function groupOf(map: MapShape, index: number): number {
  return hasLanes(map) ? index % map.width : Math.floor(index / fanIn);
}

/** The items of a group in the order in which they start. */
export function itemsOf(map: MapShape, group: number): readonly number[] {
  const items: number[] = [];
  if (hasLanes(map)) for (let i = group; i < map.items; i += map.width) items.push(i);
  else for (let i = group * fanIn; i < Math.min(map.items, (group + 1) * fanIn); i++) items.push(i);
  return items;
}

/** What starts when the item has ended, in a map with lanes. */
export function successorOf(map: MapShape, index: number): number | undefined {
  return hasLanes(map) && index + map.width < map.items ? index + map.width : undefined;
}

/** Number of partitions that the items' rows lie in. */
export function shardCount(map: MapShape): number {
  return Math.min(maxShards, Math.max(1, Math.ceil(map.items / itemsPerShard)));
}

/** A group never spans two shards. */
export function addressOf(map: MapShape, index: number): ItemAddress {
  const group = groupOf(map, index);
  return { map: map.id, index, group, shard: shardOf(map, group) };
}

/** The partition that a group's rows lie in. */
export function shardOf(map: MapShape, group: number): number {
  return group % shardCount(map);
}

/** Nodes of each level, from the groups (level 1) to the root, which is alone on its level. */
export function levelSizes(map: MapShape): readonly number[] {
  const sizes = [groupCount(map)];
  for (let size = groupCount(map); size > 1;) sizes.push((size = Math.ceil(size / fanIn)));
  return sizes;
}
