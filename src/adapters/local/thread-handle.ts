import { Worker } from "node:worker_threads";
import type { Ran, StepTask } from "../../model/task.ts";
import type { LocalSetup } from "./process-setup.ts";
import { Marker } from "./thread-message.ts";
import type { FromThread, ThreadData, ToThread } from "./thread-message.ts";
import type { ThreadEnd } from "./thread-outcome.ts";

export interface ThreadOptions {
  readonly entry: URL;
  readonly setup: LocalSetup;
  /** From a request to abort, or a step's timeout, until the thread is ended by force. */
  readonly graceMs: number;
  /** Limit of its JavaScript heap. */
  readonly memoryMb?: number | undefined;
}

export interface ThreadEvents {
  /** It can take a batch, for the first time or again. */
  onFree(thread: ThreadHandle): void;
  onEnded(thread: ThreadHandle, rans: readonly Ran[]): void;
  onGone(thread: ThreadHandle, end: ThreadEnd): void;
}

/**
 * A thread whose heap is full is stopped alone, within 16 MB more; what a collection moves out of V8's default young generation
 * (48 MB) may be more, and then the whole process is aborted: measured in 14 of 64 processes, with 24 MB in none, as fast.
 */
const youngMb = 24;
const longestTimer = 2 ** 31 - 1;

/** One worker thread, from its owner's side. */
export class ThreadHandle {
  state: "starting" | "idle" | "busy" = "starting";
  readonly marker = new Marker();
  readonly threadId: number;
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #events: ThreadEvents;
  #tasks: readonly StepTask[] = [];
  #watchdog: NodeJS.Timeout | undefined;
  #aborted: string | undefined;
  #end: ThreadEnd | undefined;
  /** Being ended: `terminate()` holds the process until the thread is gone, which an `unref()` in between would undo. */
  #isEnding = false;

  constructor(options: ThreadOptions, events: ThreadEvents) {
    this.#options = options;
    this.#events = events;
    // The cache must be on before the first module of ours is compiled.
    const code = `import { enableCompileCache } from "node:module"; enableCompileCache(); await import(${JSON.stringify(options.entry.href)});`;
    const data: ThreadData = { setup: options.setup, marker: this.marker.buffer };
    this.#worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
      workerData: data,
      resourceLimits: {
        maxYoungGenerationSizeMb: youngMb,
        ...(options.memoryMb === undefined ? {} : { maxOldGenerationSizeMb: options.memoryMb }),
      },
    });
    this.threadId = this.#worker.threadId;
    this.#worker.on("message", (message: FromThread) => this.#hear(message));
    this.#worker.on("error", (error) => (this.#end ??= { how: "error", error }));
    this.#worker.on("exit", (exitCode) => this.#bury(exitCode));
  }

  /** Only of an idle thread. */
  run(tasks: readonly StepTask[]): void {
    this.state = "busy";
    this.#tasks = tasks;
    this.#aborted = undefined;
    this.marker.set(0, Date.now());
    this.#worker.ref();
    this.#send({ t: "run", tasks });
    const shortest = Math.min(...tasks.map(({ policy }) => policy.timeoutMs ?? Infinity));
    if (shortest < Infinity) this.#watch(shortest + this.#options.graceMs);
  }

  /** Aborts the signal of the task that runs; what follows in its batch does not start any more. */
  abort(reason: string): void {
    if (this.state !== "busy" || this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#send({ t: "abort", reason });
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#kill({ how: "abort", reason }), this.#options.graceMs);
  }

  async terminate(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  /** A step that never yields cannot time itself out. No task that begins later is due before `rhythmMs` are over. */
  #watch(rhythmMs: number): void {
    const { timeoutMs = Infinity } = this.#tasks[this.marker.index]?.policy ?? {};
    const { graceMs } = this.#options;
    const left = this.marker.since + timeoutMs + graceMs - Date.now();
    if (left <= 0) this.#kill({ how: "timeout", timeoutMs, graceMs });
    else this.#watchdog = setTimeout(() => this.#watch(rhythmMs), Math.min(left, rhythmMs, longestTimer)).unref();
  }

  #kill(end: ThreadEnd): void {
    this.#end ??= end;
    void this.terminate();
  }

  #hear(message: FromThread): void {
    switch (message.t) {
      case "ended":
        this.#events.onEnded(this, message.rans);
        return;
      case "unfit":
        this.#end = { how: "unfit", error: message.error };
        return;
      case "ready":
      case "done":
        if (this.#isEnding) return;
        clearTimeout(this.#watchdog);
        this.state = "idle";
        this.#worker.unref();
        this.#events.onFree(this);
    }
  }

  #bury(exitCode: number): void {
    clearTimeout(this.#watchdog);
    this.#events.onGone(this, this.#end ?? { how: "exit", exitCode });
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }
}
