import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as turnOfTheLoop } from "node:timers/promises";
import type { StepTask, Wake } from "../../src/model/task.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";

/** A simulated process: an environment that takes turns, the place of one isolated step, or the sweeper. */
export interface Process {
  readonly name: string;
  readonly kind: "turn" | "step" | "client";
  /** Its clock is ahead of the world's by this. */
  readonly skewMs: number;
  isDead: boolean;
  /** The invocation that it serves now. */
  invocation: string;
  until: number;
  serves: Wake | StepTask | undefined;
  /** Asks the step that runs here to abort. */
  readonly abort: AbortController;
}

/** Something that may happen next: the scheduler picks one. `due`: not before this moment of the world's clock. */
interface Pending {
  readonly what: string;
  readonly process: Process | undefined;
  readonly due: number;
  readonly act: () => void;
}

const start = 1_735_689_600_000;
/** A timer fires early only when it is due this soon: hours do not pass while an answer is on its way. */
const hurryMs = 5_000;

/** What the code that runs right now belongs to. */
interface Acting {
  readonly process: Process;
  readonly world: World;
  /** To be told by each step function that is called. */
  readonly begin: (id: string, attempt: number) => void;
}
export const acting = new AsyncLocalStorage<Acting>();

let worlds = 0;

/** The scheduler: virtual time, processes, and everything that hangs, picked one by one by a seeded generator. */
export class World {
  /** Lists differ from world to world: what this process keeps of their content must not leak into the next one. */
  readonly shift = 3_000_000 * ++worlds;
  readonly random: Random;
  readonly faults: Faults;
  readonly processes: Process[] = [];
  /** What happened, in order: two worlds of one seed have the same. */
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  /** Called when a process has died. */
  onDeath: (process: Process) => void = () => {};
  /** Some worlds are worse than others. */
  readonly #rage: number;
  #now = start;
  #ready: Pending[] = [];
  /** By due time. */
  #timers: Pending[] = [];
  #names = 0;

  constructor(random: Random, faults: Faults) {
    this.random = random;
    this.faults = faults;
    this.#rage = random.pick([0.5, 1, 4]);
  }

  get now(): number {
    return this.#now;
  }

  violate(what: string): void {
    this.violations.push(what);
  }

  name(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }

  spawn(kind: Process["kind"], lifeMs: number): Process {
    const name = this.name(kind);
    const { skewMs } = this.faults;
    const process: Process = {
      name,
      kind,
      isDead: false,
      invocation: name,
      until: this.#now + lifeMs,
      serves: undefined,
      abort: new AbortController(),
      skewMs: skewMs === 0 ? 0 : this.random.whole(-skewMs, skewMs),
    };
    this.processes.push(process);
    return process;
  }

  /** Hangs until the scheduler lets it go on; for ever in a process that dies meanwhile. */
  pause(process: Process, what: string): Promise<void> {
    return new Promise((resolve) => this.#add({ what: `${process.name} ${what}`, process, due: 0, act: resolve }));
  }

  /** Hangs for virtual time, or until the signal aborts. */
  wait(process: Process, ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = () => {
        this.#timers = this.#timers.filter((other) => other !== pending);
        if (!process.isDead) resolve();
      };
      const act = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const pending: Pending = { what: `${process.name} waited`, process, due: this.#now + ms, act };
      signal?.addEventListener("abort", leave, { once: true });
      this.#add(pending);
    });
  }

  /** Something outside of all processes happens, after `ms` at the soonest. */
  later(what: string, ms: number, act: () => void): void {
    this.#add({ what, process: undefined, due: ms > 0 ? this.#now + ms : 0, act });
  }

  #add(pending: Pending): void {
    if (pending.process?.isDead === true) return;
    if (pending.due <= this.#now) {
      this.#ready.push(pending);
      return;
    }
    const at = this.#timers.findIndex((other) => other.due > pending.due);
    this.#timers.splice(at === -1 ? this.#timers.length : at, 0, pending);
  }

  kill(process: Process, why: string): void {
    if (process.isDead) return;
    process.isDead = true;
    this.#ready = this.#ready.filter((pending) => pending.process !== process);
    this.#timers = this.#timers.filter((pending) => pending.process !== process);
    this.#note(`${process.name} died: ${why}`);
    this.onDeath(process);
  }

  #note(what: string): void {
    this.trace.push(`${this.#now - start} ${what}`);
  }

  /** Lets one thing happen and everything run that follows from it; false when nothing is left. */
  async step(): Promise<boolean> {
    const victims = this.faults.crash === 0 ? [] : this.processes.filter((process) => !process.isDead && process.serves !== undefined);
    if (victims.length > 0 && this.random.chance(this.faults.crash * this.#rage)) this.kill(this.random.pick(victims), "crash");
    const next = this.#take();
    if (next === undefined) return false;
    this.#note(next.what);
    next.act();
    await this.settle();
    return true;
  }

  /** Lets everything run that hangs on nothing. */
  async settle(): Promise<void> {
    // One for what the microtasks do, one for what asks for the next turn of the loop itself.
    await turnOfTheLoop();
    await turnOfTheLoop();
  }

  #take(): Pending | undefined {
    const [timer] = this.#timers;
    const mayHurry = timer !== undefined && timer.due <= this.#now + hurryMs && this.random.chance(this.faults.hurry);
    if (timer !== undefined && (this.#ready.length === 0 || mayHurry)) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, timer.due);
      return timer;
    }
    if (this.#ready.length === 0) return undefined;
    this.#now += this.random.whole(0, 3);
    const [picked] = this.#ready.splice(this.random.whole(0, this.#ready.length - 1), 1);
    return picked;
  }
}
