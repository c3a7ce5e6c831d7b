/**
 * Resolves when every microtask that is queued now, and all that they queue, have run: between two of these the pipeline
 * function reacts to exactly one delivery (I3). `process.nextTick` callbacks run only when the microtask queue is empty.
 */
export function drain(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
