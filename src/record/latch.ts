import type { RunId } from "../model/id.ts";
import { fanIn, levelSizes } from "../model/latch.ts";
import type { MapShape } from "../model/task.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { MapFlags, StateStore } from "../ports/state-store.ts";

/**
 * Marks a complete group of a map, then every node above it whose children are all complete: whoever commits last sees all (R7).
 * Of several who come to a node at once, the one that marks it goes on, unless they are to `mend` what the one may have died over:
 * then they go on over marks that are there. Answers whether the root is done and this caller is to close the map.
 */
export async function markUpwards(
  state: StateStore,
  run: RunId,
  map: MapShape,
  group: number,
  options: { readonly entropy: Entropy; readonly mend: boolean },
): Promise<boolean> {
  const sizes = levelSizes(map);
  let index = group;
  for (let level = 1; level <= sizes.length; level++) {
    const marked = await state.mark(run, map.id, level, index, options.entropy.nonce());
    if (marked === "there" && !options.mend) return false;
    if (level === sizes.length) return true;
    const parent = Math.floor(index / fanIn);
    const from = parent * fanIn;
    const to = Math.min(from + fanIn, sizes[level - 1] ?? 0);
    const marks = await state.readMarks(run, map.id, level, from, to);
    if (marks.length < to - from) return false;
    index = parent;
  }
  return true;
}

export function flagMap(state: StateStore, run: RunId, map: MapShape, flags: MapFlags): Promise<void> {
  return state.flagMap(run, map, flags);
}
