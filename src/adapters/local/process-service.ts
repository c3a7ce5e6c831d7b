import { inspect } from "node:util";
import { failureOf } from "../../model/error.ts";
import type { AttemptKey } from "../../model/attempt.ts";
import type { Place } from "../../model/place.ts";
import type { StepTask, Wake } from "../../model/task.ts";
import type { StepOperator } from "../../ports/step-operator.ts";
import type { TurnQueue } from "../../ports/turn-queue.ts";
import { ownIdentity } from "./process-identity.ts";
import type { FromChild, ToChild } from "./process-message.ts";
import { noDeadline } from "./process-setup.ts";
import type { LocalSetup } from "./process-setup.ts";

/** What a child executes tasks with. */
export interface ChildBench {
  /** Claims, executes and ends the task, then wakes its run. Rejects only when that could not be recorded. */
  run(task: StepTask, invocation: ChildInvocation): Promise<void>;
  /** Tells the process that has taken over the run of a dead parent, if there is one. */
  readonly wakeHeir?: ((wake: Wake) => Promise<unknown>) | undefined;
  close(): Promise<void>;
}

/** The part of a task's surroundings that its process gives. */
export interface ChildInvocation {
  readonly place: Place;
  readonly until: number;
  readonly signal: AbortSignal;
  readonly parent: ParentLink;
}

/** The ports that only the engine's own process can serve, by messages to it; without effect once that process has died. */
export class ParentLink implements TurnQueue, Pick<StepOperator, "launch" | "abort"> {
  #words: FromChild[] = [];
  #said: Promise<unknown> = Promise.resolve();
  #heir: ChildBench["wakeHeir"];

  set heir(heir: ChildBench["wakeHeir"]) {
    this.#heir = heir;
  }

  async wake(wake: Wake, delayMs?: number): Promise<void> {
    this.say({ t: "wake", wake, ...(delayMs === undefined ? {} : { delayMs }) });
  }

  async launch(task: StepTask, delayMs?: number): Promise<void> {
    this.say({ t: "launch", task, ...(delayMs === undefined ? {} : { delayMs }) });
  }

  async abort(key: AttemptKey, reason: string): Promise<void> {
    this.say({ t: "abort", key, reason });
  }

  /** What is said in one go arrives in one go: a run is woken when the child that ends its step is known to be free. */
  say(word: FromChild): void {
    if (this.#words.length === 0) process.nextTick(() => this.#send());
    this.#words.push(word);
  }

  /** Resolves when all that was said has left this process. */
  async flush(): Promise<void> {
    this.#send();
    await this.#said;
  }

  #send(): void {
    const words = this.#words;
    this.#words = [];
    if (words.length > 0) this.#said = Promise.all([this.#said, this.#deliver(words)]);
  }

  /** That the parent has died may show only when something is said to it. */
  async #deliver(words: readonly FromChild[]): Promise<void> {
    if (process.connected && (await sent(words))) return;
    for (const word of words) if (word.t === "wake") await this.#heir?.(word.wake).catch(complain);
  }
}

function sent(words: readonly FromChild[]): Promise<boolean> {
  return new Promise((resolve) => process.send?.(words, undefined, undefined, (error) => resolve(error === null)));
}

/**
 * A child's life: opens its bench, tells its parent that it is ready, executes one task after the other, and exits when it
 * is told to or its parent has died; what runs then is finished and recorded first, and nothing more is begun.
 */
export async function serveTasks(open: (setup: LocalSetup) => Promise<ChildBench>): Promise<void> {
  const parent = new ParentLink();
  const life = new ChildLife(parent);
  outliveParent(parent);
  try {
    life.begin(await open(JSON.parse(process.argv[2] ?? "{}") as LocalSetup));
  } catch (error) {
    parent.say({ t: "unfit", error: failureOf(error) });
    await parent.flush();
    process.exit(1);
  }
}

class ChildLife {
  readonly #parent: ParentLink;
  readonly #place: Place;
  #bench: ChildBench | undefined;
  #current: { readonly job: number; readonly controller: AbortController } | undefined;
  #leaving = false;

  constructor(parent: ParentLink) {
    const { pid, born } = ownIdentity();
    this.#place = { kind: "process", pid, ...(born === undefined ? {} : { born }) };
    this.#parent = parent;
    process.on("message", (message: ToChild) => this.#hear(message));
    process.on("disconnect", () => void this.#leave());
  }

  begin(bench: ChildBench): void {
    this.#bench = bench;
    this.#parent.heir = bench.wakeHeir;
    if (this.#leaving) void this.#leave();
    else this.#parent.say({ t: "ready" });
  }

  #hear(message: ToChild): void {
    switch (message.t) {
      case "task":
        if (!this.#leaving) void this.#execute(message);
        return;
      case "abort":
        if (this.#current?.job === message.job) this.#current.controller.abort(message.reason);
        return;
      case "end":
        return void this.#leave();
    }
  }

  async #execute({ job, task, aborted }: Extract<ToChild, { readonly t: "task" }>): Promise<void> {
    if (this.#bench === undefined) return;
    const controller = new AbortController();
    if (aborted !== undefined) controller.abort(aborted);
    this.#current = { job, controller };
    const invocation = { place: this.#place, until: noDeadline, signal: controller.signal, parent: this.#parent };
    const error = await this.#bench.run(task, invocation).then(() => undefined, failureOf);
    this.#current = undefined;
    this.#parent.say({ t: "done", job, ...(error === undefined ? {} : { error }) });
    if (this.#leaving) await this.#leave();
  }

  async #leave(): Promise<void> {
    this.#leaving = true;
    if (this.#current !== undefined || this.#bench === undefined) return;
    await this.#bench.close().catch(complain);
    await this.#parent.flush();
    // Timers and sockets that steps have left open would hold the process.
    process.exit(0);
  }
}

/** The child must not die of what ends its parent, nor of the parent's end: it has a step to finish. */
function outliveParent(parent: ParentLink): void {
  // A terminal sends these to the whole group of processes.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  // Nobody may read any more.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", (error) => void die(error, parent));
}

async function die(error: unknown, parent: ParentLink): Promise<void> {
  complain(error);
  parent.say({ t: "dying", error: failureOf(error) });
  await parent.flush();
  process.exit(1);
}

function complain(error: unknown): void {
  process.stderr.write(`${inspect(error)}\n`);
}
