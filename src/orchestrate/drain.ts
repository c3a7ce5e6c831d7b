/**
 * Resolves when every microtask that is queued now, and all that they queue, have run: between two of these the pipeline
 * function reacts to exactly one delivery (I3). `process.nextTick` callbacks run only when the microtask queue is empty, if
 * they were asked for in a microtask: so this is called only after an `await` of the same asynchronous function.
 */
export function drain(): Promise<void> {
  return new Promise(onNextTick);
}

function onNextTick(resolve: () => void): void {
  process.nextTick(resolve);
}

/** Node tells of unhandled rejections after the microtasks and ticks of a macrotask. */
export function strayRejectionsAreKnown(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
