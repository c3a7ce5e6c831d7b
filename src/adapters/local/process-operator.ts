import { availableParallelism } from "node:os";
import type { AttemptKey, RunningAttempt } from "../../model/attempt.ts";
import { SkeinError } from "../../model/error.ts";
import type { Failure } from "../../model/failure.ts";
import type { StepTask } from "../../model/task.ts";
import type { StepOperator } from "../../ports/step-operator.ts";
import type { TurnQueue } from "../../ports/turn-queue.ts";
import { deathOf } from "./process-death.ts";
import type { ProcessEnd } from "./process-death.ts";
import { ChildHandle } from "./process-handle.ts";
import type { ChildEvents, Job } from "./process-handle.ts";
import { isAlive } from "./process-identity.ts";
import type { ChildRequest } from "./process-message.ts";
import { localRefusal } from "./process-refusal.ts";
import { siblingModule } from "./process-setup.ts";
import type { LocalSetup } from "./process-setup.ts";

export interface ProcessOperatorOptions {
  readonly setup: LocalSetup;
  /** Where the children's wakes go. */
  readonly turns: TurnQueue;
  /** The failure destination: hears of every task that no child will finish. */
  readonly onDeath: (death: Death) => void;
  /** Children at once, default: one a core. */
  readonly width?: number | undefined;
  /** How long an idle child is kept; default 60 s. */
  readonly idleMs?: number | undefined;
  /** How long an aborted step may go on before its process is ended; default 5 s. */
  readonly graceMs?: number | undefined;
  /** The module that children run; default: the one that opens this engine's stores. */
  readonly entry?: URL | undefined;
}

/** A task that no child will finish. Its row may be absent, running, or even ended (the process died between record and word). */
export interface Death {
  readonly task: StepTask;
  readonly reason: Failure;
  /** It had been asked to abort: why. */
  readonly aborted?: string | undefined;
}

/** Heap of a step that asks for none, as of the smallest step operator on AWS. */
const defaultMemoryMb = 512;
/** Below this, Node and the engine themselves hardly fit. */
const minMemoryMb = 128;

const defaultGraceMs = 5_000;
const defaultIdleMs = 60_000;
/** A longer Node timer fires at once. */
const longestTimer = 2 ** 31 - 1;

interface Waiting extends Job {
  readonly memoryMb: number;
}

/**
 * The embedded step operator: child processes, kept warm. A child's heap limit is the `memoryMb` of the step that it was
 * started for; a task takes the idle child with the least memory that is enough, and the first in the queue is served first.
 */
export class ProcessOperator implements StepOperator {
  readonly #options: ProcessOperatorOptions;
  readonly #width: number;
  readonly #children = new Set<ChildHandle>();
  readonly #queue = new Map<string, Waiting>();
  readonly #delayed = new Map<string, { readonly task: StepTask; readonly timer: NodeJS.Timeout }>();
  readonly #events: ChildEvents;
  #closed = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: ProcessOperatorOptions) {
    this.#options = options;
    this.#width = options.width ?? availableParallelism();
    this.#events = {
      onFree: (child) => (this.#closed ? child.end() : this.#serve()),
      onError: (job, error) => this.#tell(job, error),
      onEnd: (child, end, job) => this.#bury(child, end, job),
      onRequest: (request) => this.#answer(request),
    };
  }

  async launch(task: StepTask, delayMs = 0): Promise<void> {
    const { run, id } = task.key;
    if (this.#closed)
      throw new SkeinError("step_lost", `step ${id} was not launched: this engine is closing; "skein resume ${run}" goes on with the run`);
    const name = nameOf(task.key);
    if (this.#queue.has(name) || this.#delayed.has(name) || this.#runnerOf(name) !== undefined) return;
    if (delayMs <= 0) this.#enqueue(task);
    else this.#delay(task, Date.now() + delayMs);
  }

  #delay(task: StepTask, dueAt: number): void {
    const name = nameOf(task.key);
    const wait = Math.min(dueAt - Date.now(), longestTimer);
    const act = () => {
      this.#delayed.delete(name);
      if (Date.now() < dueAt) this.#delay(task, dueAt);
      else this.#enqueue(task);
    };
    this.#delayed.set(name, { task, timer: setTimeout(act, wait) });
  }

  #enqueue(task: StepTask, aborted?: string): void {
    const memoryMb = Math.max(minMemoryMb, task.policy.memoryMb ?? defaultMemoryMb);
    this.#queue.set(nameOf(task.key), { task, memoryMb, aborted });
    this.#serve();
  }

  async abort(key: AttemptKey, reason: string): Promise<void> {
    const name = nameOf(key);
    const waiting = this.#queue.get(name);
    const delayed = this.#delayed.get(name);
    if (waiting !== undefined) waiting.aborted ??= reason;
    this.#runnerOf(name)?.abort(reason);
    if (delayed === undefined) return;
    clearTimeout(delayed.timer);
    this.#delayed.delete(name);
    this.#enqueue(delayed.task, reason);
  }

  /** A process that exists may still write, however long ago its parent died. */
  async isGone({ place }: RunningAttempt): Promise<boolean> {
    return place.pid !== undefined && !isAlive({ pid: place.pid, born: place.born });
  }

  refuses(needs: { readonly operator?: string; readonly memoryMb?: number; readonly cpu?: number }): string | undefined {
    return localRefusal(needs);
  }

  /** Drops what waits; ends idle children at once, busy ones when their step has ended or `graceMs` is over. No death is told any more. */
  async close(graceMs = this.#options.graceMs ?? defaultGraceMs): Promise<void> {
    this.#closed = true;
    this.#queue.clear();
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    for (const child of this.#children) child.end();
    if (this.#children.size === 0) return;
    const force = setTimeout(() => this.#children.forEach((child) => child.kill()), graceMs);
    await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    clearTimeout(force);
  }

  /** Hands waiting tasks to idle children, then sees to it that there will be more of them. */
  #serve(): void {
    for (const [name, { task, memoryMb, aborted }] of this.#queue) {
      const child = this.#smallestIdle(memoryMb);
      if (child === undefined) break;
      this.#queue.delete(name);
      child.run(task, aborted);
    }
    if (this.#queue.size > 0) this.#grow();
  }

  #smallestIdle(memoryMb: number): ChildHandle | undefined {
    let best: ChildHandle | undefined;
    for (const child of this.#children) {
      if (child.state === "idle" && child.memoryMb >= memoryMb && (best === undefined || child.memoryMb < best.memoryMb)) best = child;
    }
    return best;
  }

  /** For each waiting task that no child is on its way for: a new one or, at the limit, the end of an idle one that is too small. */
  #grow(): void {
    const starting = [...this.#children].filter(({ state }) => state === "starting");
    let leaving = [...this.#children].filter(({ state }) => state === "ending").length;
    for (const { memoryMb } of this.#queue.values()) {
      const coming = starting.findIndex((child) => child.memoryMb >= memoryMb);
      if (coming >= 0) starting.splice(coming, 1);
      else if (this.#children.size < this.#width) this.#start(memoryMb);
      else if (leaving > 0) leaving -= 1;
      else if (!this.#retireOne()) return;
    }
  }

  #start(memoryMb: number): void {
    const { setup, entry = siblingModule("process-child"), graceMs = defaultGraceMs, idleMs = defaultIdleMs } = this.#options;
    this.#children.add(new ChildHandle({ setup, entry, memoryMb, graceMs, idleMs }, this.#events));
  }

  #retireOne(): boolean {
    const idle = [...this.#children].find(({ state }) => state === "idle");
    idle?.end();
    return idle !== undefined;
  }

  #runnerOf(name: string): ChildHandle | undefined {
    for (const child of this.#children) if (child.task !== undefined && nameOf(child.task.key) === name) return child;
    return undefined;
  }

  #answer(request: ChildRequest): void {
    switch (request.t) {
      case "wake":
        return void this.#options.turns.wake(request.wake, request.delayMs);
      case "launch":
        if (!this.#closed) void this.launch(request.task, request.delayMs);
        return;
      case "abort":
        return void this.abort(request.key, request.reason);
    }
  }

  #bury(child: ChildHandle, end: ProcessEnd, job: Job | undefined): void {
    this.#children.delete(child);
    const undone = job ?? (end.ready || end.asked ? undefined : this.#firstThatFits(child.memoryMb));
    if (undone !== undefined) this.#tell(undone, deathOf(undone.task, end));
    if (this.#children.size === 0) this.#onEmpty?.();
    if (!this.#closed) this.#serve();
  }

  /** A child that cannot start takes the task with it that it was started for, or each would be started again for ever. */
  #firstThatFits(memoryMb: number): Waiting | undefined {
    for (const [name, waiting] of this.#queue) {
      if (waiting.memoryMb > memoryMb) continue;
      this.#queue.delete(name);
      return waiting;
    }
    return undefined;
  }

  #tell({ task, aborted }: Job, reason: Failure): void {
    if (!this.#closed) this.#options.onDeath({ task, reason, ...(aborted === undefined ? {} : { aborted }) });
  }
}

function nameOf(key: AttemptKey): string {
  return `${key.run}/${key.id}/${key.attempt}`;
}
