import { parentPort, threadId, workerData } from "node:worker_threads";
import { failureOf } from "../../model/error.ts";
import type { Place } from "../../model/place.ts";
import type { Ran, StepTask } from "../../model/task.ts";
import type { LocalSetup } from "./process-setup.ts";
import { Marker } from "./thread-message.ts";
import type { FromThread, ThreadData, ToThread } from "./thread-message.ts";
import { neverStarted } from "./thread-outcome.ts";

/** What a worker thread executes tasks with. */
export interface ThreadBench {
  /** Never rejects for a step's failure. */
  execute(task: StepTask, invocation: ThreadInvocation): Promise<Ran>;
}

export interface ThreadInvocation {
  readonly place: Place;
  readonly until: number;
  readonly signal: AbortSignal;
}

/** Results leave together, but none waits longer than this for the next one. */
const flushMs = 4;

/** A worker thread's life: opens its bench, says that it is ready, executes batch after batch. */
export async function serveBatches(open: (setup: LocalSetup) => Promise<ThreadBench>): Promise<void> {
  const { setup, marker } = workerData as ThreadData;
  // What a step writes past its console must not get into the results that the command prints on stdout.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    const life = new ThreadLife(await open(setup), new Marker(marker));
    process.on("exit", () => life.flush());
    parentPort?.on("message", (message: ToThread) => life.hear(message));
    say({ t: "ready" });
  } catch (error) {
    say({ t: "unfit", error: failureOf(error) });
  }
}

function say(message: FromThread): void {
  parentPort?.postMessage(message, []);
}

class ThreadLife {
  readonly #bench: ThreadBench;
  readonly #marker: Marker;
  readonly #place: Place = { kind: "thread", pid: process.pid, threadId };
  #controller = new AbortController();
  #rans: Ran[] = [];
  #flushedAt = 0;
  #flushing = false;

  constructor(bench: ThreadBench, marker: Marker) {
    this.#bench = bench;
    this.#marker = marker;
  }

  hear(message: ToThread): void {
    if (message.t === "run") void this.#run(message.tasks);
    else this.#controller.abort(message.reason);
  }

  flush(): void {
    if (this.#rans.length > 0) say({ t: "ended", rans: this.#rans });
    this.#rans = [];
    this.#flushedAt = performance.now();
  }

  async #run(tasks: readonly StepTask[]): Promise<void> {
    this.#controller = new AbortController();
    this.#flushedAt = performance.now();
    for (const [index, task] of tasks.entries()) {
      // Lost results are made again, so those of this kind must never be held back.
      const once = task.policy.delivery === "at_most_once";
      this.#marker.set(index, Date.now());
      const ran = await this.#execute(task);
      this.#rans.push(ran);
      if (once || performance.now() - this.#flushedAt > flushMs) await this.#breathe();
      else this.#flushSoon();
    }
    this.#marker.set(tasks.length, Date.now());
    this.flush();
    say({ t: "done" });
  }

  async #execute(task: StepTask): Promise<Ran> {
    const { signal } = this.#controller;
    if (!signal.aborted) return this.#bench.execute(task, { place: this.#place, until: Infinity, signal });
    return neverStarted(String(signal.reason), this.#place);
  }

  /** Steps that never wait would keep the request to abort from being heard. */
  #breathe(): Promise<void> {
    this.flush();
    return new Promise((resolve) => setImmediate(resolve));
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.flush();
    });
  }
}
