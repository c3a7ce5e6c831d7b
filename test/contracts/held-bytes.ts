import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Live bytes of buffers above those at the start, sampled after a collection, so that garbage does not count. */
export function heldBytes(): { sample(i: number): void; peak(): number } {
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  return {
    sample(i) {
      if (i % 64 !== 0) return;
      collectGarbage();
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    },
    peak: () => peak,
  };
}
