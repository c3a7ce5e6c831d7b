import { availableParallelism } from "node:os";
import type { Place } from "../../model/place.ts";
import type { Ran, StepTask } from "../../model/task.ts";
import type { InlineRunner } from "../../ports/inline-runner.ts";
import { siblingModule } from "./process-setup.ts";
import type { LocalSetup } from "./process-setup.ts";
import { ThreadHandle } from "./thread-handle.ts";
import type { ThreadEvents } from "./thread-handle.ts";
import { diedWith, neverStarted } from "./thread-outcome.ts";
import type { ThreadEnd } from "./thread-outcome.ts";

export interface ThreadRunnerOptions {
  readonly setup: LocalSetup;
  /** Threads at once, default: one a core. */
  readonly width?: number | undefined;
  /** How long an aborted step, or one past its timeout, may go on before its thread is ended; default 5 s. */
  readonly graceMs?: number | undefined;
  /** Heap of a thread; default: V8's own limit, which depends on the machine. */
  readonly memoryMb?: number | undefined;
  /** The module that threads run; default: the one that opens this engine's stores. */
  readonly entry?: URL | undefined;
}

/** A call of `run`. */
interface Batch {
  readonly tasks: readonly StepTask[];
  readonly signal: AbortSignal;
  readonly onEnd: (index: number, ran: Ran) => void;
  readonly resolve: () => void;
  /** Indexes of the tasks that its thread runs, in this order, and how many of them were reported. */
  given: readonly number[];
  reported: number;
}

const defaultGraceMs = 5_000;

/**
 * Worker threads, started when they are needed and kept warm; they keep no process alive while they have nothing to do. A
 * step that ends its thread fails alone: the rest of its batch goes on in another one.
 */
export class ThreadRunner implements InlineRunner {
  readonly width: number;
  readonly #options: ThreadRunnerOptions;
  readonly #threads = new Map<ThreadHandle, Batch | undefined>();
  readonly #events: ThreadEvents;
  #queue: Batch[] = [];

  constructor(options: ThreadRunnerOptions) {
    this.#options = options;
    this.width = options.width ?? availableParallelism();
    this.#events = {
      onFree: (thread) => this.#release(thread),
      onEnded: (thread, rans) => this.#report(thread, rans),
      onGone: (thread, end) => this.#bury(thread, end),
    };
  }

  async run(tasks: readonly StepTask[], signal: AbortSignal, onEnd: (index: number, ran: Ran) => void): Promise<void> {
    let abort = () => {};
    await new Promise<void>((resolve) => {
      const batch: Batch = { tasks, signal, onEnd, resolve, given: [...tasks.keys()], reported: 0 };
      abort = () => this.#abort(batch);
      signal.addEventListener("abort", abort);
      this.#queue.push(batch);
      if (signal.aborted) abort();
      else this.#serve();
    });
    signal.removeEventListener("abort", abort);
  }

  /** Ends all threads at once. What runs is not reported any more, and its `run` never resolves: nobody knows how it ended. */
  async close(): Promise<void> {
    const threads = [...this.#threads.keys()];
    this.#queue = [];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  #serve(): void {
    for (const [thread] of this.#threads) {
      const batch = thread.state === "idle" ? this.#queue.shift() : undefined;
      if (batch !== undefined) this.#give(thread, batch);
    }
    const starting = [...this.#threads.keys()].filter(({ state }) => state === "starting").length;
    const missing = Math.min(this.#queue.length - starting, this.width - this.#threads.size);
    for (let i = 0; i < missing; i++) this.#start();
  }

  #start(): void {
    const { setup, entry = siblingModule("thread-worker"), graceMs = defaultGraceMs, memoryMb } = this.#options;
    this.#threads.set(new ThreadHandle({ setup, entry, graceMs, memoryMb }, this.#events), undefined);
  }

  #give(thread: ThreadHandle, batch: Batch): void {
    this.#threads.set(thread, batch);
    thread.run(batch.given.flatMap((index) => batch.tasks[index] ?? []));
  }

  #report(thread: ThreadHandle, rans: readonly Ran[]): void {
    const batch = this.#threads.get(thread);
    for (const ran of rans) {
      const index = batch?.given[batch.reported];
      if (batch === undefined || index === undefined) return;
      batch.reported += 1;
      batch.onEnd(index, ran);
    }
  }

  #release(thread: ThreadHandle): void {
    this.#threads.get(thread)?.resolve();
    this.#threads.set(thread, undefined);
    this.#serve();
  }

  /** What its thread runs is left to that thread; what waits ends here. */
  #abort(batch: Batch): void {
    const reason = reasonOf(batch.signal);
    const thread = [...this.#threads].find(([, own]) => own === batch)?.[0];
    thread?.abort(reason);
    if (thread !== undefined) return;
    this.#queue = this.#queue.filter((one) => one !== batch);
    this.#finish(batch, () => neverStarted(reason, { kind: "orchestrator", pid: process.pid }));
  }

  /** The task that the thread was at has failed; what it had not reported or not begun runs in another one. */
  #bury(thread: ThreadHandle, end: ThreadEnd): void {
    const batch = this.#threads.get(thread);
    if (!this.#threads.delete(thread)) return;
    const { index, since } = thread.marker;
    const place: Place = { kind: "thread", pid: process.pid, threadId: thread.threadId };
    if (thread.state === "starting") {
      const first = this.#queue.shift();
      if (first !== undefined) this.#finish(first, (task) => diedWith(task, end, place, since));
    } else if (batch !== undefined) {
      // Of an aborted batch nothing is done again: what ended but was not reported yet counts as stopped, too.
      const from = end.how === "abort" ? batch.reported : index;
      this.#settle(batch, batch.given.slice(from, index + 1), (task) => diedWith(task, end, place, since));
      batch.given = batch.given.filter((_, at) => at > index || (at >= batch.reported && at < from));
      batch.reported = 0;
      if (batch.signal.aborted || batch.given.length === 0) this.#abort(batch);
      else this.#queue.unshift(batch);
    }
    this.#serve();
  }

  #finish(batch: Batch, ranOf: (task: StepTask) => Ran): void {
    this.#settle(batch, batch.given.slice(batch.reported), ranOf);
    batch.resolve();
  }

  #settle(batch: Batch, indexes: readonly number[], ranOf: (task: StepTask) => Ran): void {
    for (const index of indexes) {
      const task = batch.tasks[index];
      if (task !== undefined) batch.onEnd(index, ranOf(task));
    }
  }
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
}
