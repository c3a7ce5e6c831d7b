import { scope } from "../define/scope.ts";

interface Accountable {
  noteStrayRejection(promise: object, error: unknown): void;
  forgetStrayRejection(promise: object): void;
}

function isAccountable(calls: object): calls is Accountable {
  return "noteStrayRejection" in calls;
}

const noted = new WeakMap<object, Accountable>();

/**
 * Promise chains of a pipeline function that nobody awaits are the run's to account for, not the process's to die of (R18).
 * Attributed by asynchronous context; those of a step's are a line in its log; all others stay what they were.
 */
function onRejection(error: unknown, promise: Promise<unknown>): void {
  const current = scope.getStore();
  if (current?.kind === "pipeline" && isAccountable(current.calls)) {
    noted.set(promise, current.calls);
    current.calls.noteStrayRejection(promise, error);
  } else if (current?.kind === "step") {
    current.log(
      "error",
      `a promise was rejected and nobody awaited it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } else if (process.listenerCount("unhandledRejection") === 1) throw error;
}

function onHandled(promise: Promise<unknown>): void {
  noted.get(promise)?.forgetStrayRejection(promise);
}

let watchers = 0;

export function watchStrayRejections(): Disposable {
  if (watchers++ === 0) process.on("unhandledRejection", onRejection).on("rejectionHandled", onHandled);
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (isHeld && --watchers === 0) process.off("unhandledRejection", onRejection).off("rejectionHandled", onHandled);
      isHeld = false;
    },
  };
}
