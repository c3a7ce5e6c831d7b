import { setImmediate as macrotask } from "node:timers/promises";
import { SeededEntropy } from "../../src/adapters/memory/seeded-entropy.ts";
import { captureConsole } from "../../src/execute/console.ts";
import type { Invocation, StepPorts, TurnPorts } from "../../src/engine/ports.ts";
import { startRun } from "../../src/engine/start-run.ts";
import { runIsolatedStep } from "../../src/engine/step.ts";
import { TurnEnvironment, type TurnEnvironmentOptions } from "../../src/engine/turn-environment.ts";
import { takeTurn, type TurnEnd } from "../../src/engine/turn.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunId } from "../../src/model/id.ts";
import type { RunRecord } from "../../src/model/run.ts";
import type { StepTask, Wake } from "../../src/model/task.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { ManualClock, memoryStores } from "../../src/testing.ts";

export const minute = 60_000;

/** A request that went out, and that nobody answers unless the test does. */
export interface Sent {
  readonly wake: Wake;
  readonly delayMs: number;
}
export interface Launched {
  readonly task: StepTask;
  readonly delayMs: number;
}

/** One operation of the state store that was asked for. */
interface Asked {
  readonly verb: keyof StateStore;
  readonly args: readonly unknown[];
}

/** A turn that the test has begun. */
export interface Turn {
  readonly invocation: Invocation;
  readonly end: Promise<TurnEnd>;
  readonly asked: readonly Asked[];
  /** Nothing of it has any effect from now on, and it never ends. */
  readonly die: () => void;
}

export interface TurnOptions {
  /** Default: the oldest wake that was sent. */
  readonly wake?: Wake;
  /** Default: a new one. */
  readonly in?: TurnEnvironment;
  /** Of the invocation; default 15 minutes. */
  readonly limitMs?: number;
}

const fifteenMinutes = 900_000;

/**
 * The engine without a loop: wakes and launches are recorded, and the test says which of them become turns and steps, when, in
 * which environment, and with how much time.
 */
export class Turns {
  readonly clock = new ManualClock();
  readonly #stores = memoryStores();
  readonly wakes: Sent[] = [];
  readonly launches: Launched[] = [];
  readonly aborts: string[] = [];
  /** What goes on although its attempt is over. */
  readonly left: Promise<unknown>[] = [];
  readonly #more: Partial<TurnPorts>;
  readonly #entropy = new SeededEntropy("turns");
  #run: RunId | undefined;
  #invocations = 0;

  /** `more`: ports in place of the usual ones. */
  constructor(more: Partial<TurnPorts> = {}) {
    captureConsole();
    this.#more = more;
  }

  get run(): RunId {
    if (this.#run === undefined) throw new Error("no run has been started");
    return this.#run;
  }

  get ports(): TurnPorts {
    return {
      ...this.#stores,
      clock: this.clock,
      entropy: this.#entropy,
      inlineValues: 4_096,
      onLeft: (work) => this.left.push(work),
      operator: {
        launch: async (task, delayMs = 0) => void this.launches.push({ task, delayMs }),
        abort: async ({ id }, reason) => void this.aborts.push(`${id}: ${reason}`),
        refuses: () => undefined,
      },
      turns: { wake: async (wake, delayMs = 0) => void this.wakes.push({ wake, delayMs }) },
      ...this.#more,
    };
  }

  async start(pipeline: { readonly name: string }, params: unknown = {}): Promise<RunId> {
    const { run } = await startRun(pipeline.name, params, {}, { ...this.ports, codeVersion: "1" });
    return (this.#run = run.id);
  }

  environment(options?: TurnEnvironmentOptions): TurnEnvironment {
    return new TurnEnvironment(options);
  }

  /** Begins a turn. */
  begin({ wake = this.next(), in: host = this.environment(), limitMs = fifteenMinutes }: TurnOptions = {}): Turn {
    const asked: Asked[] = [];
    const { ports, die } = this.mortalPorts();
    const invocation = this.invocation(limitMs);
    return { invocation, asked, end: takeTurn(wake, { ...ports, state: heard(ports.state, asked) }, invocation, host), die };
  }

  /** The ports of a process that may die. */
  mortalPorts(): { readonly ports: TurnPorts; readonly die: () => void } {
    const life: Life = { isOver: false };
    const { state, operator, turns, ...others } = this.ports;
    const ports = { ...others, state: mortal(state, life), operator: mortal(operator, life), turns: mortal(turns, life) };
    return { ports, die: () => (life.isOver = true) };
  }

  /** Takes a turn to its end, and lets time pass where it waits. */
  async take(options: TurnOptions = {}): Promise<Turn & { readonly ended: TurnEnd }> {
    const turn = this.begin(options);
    return { ...turn, ended: await this.pass(turn.end) };
  }

  /** Takes turns by the wakes that were sent, each when it is due, until none is left. */
  async takeAll(options: () => Omit<TurnOptions, "wake"> = () => ({})): Promise<number> {
    let taken = 0;
    for (; this.wakes.length > 0; taken++) {
      const { wake, delayMs } = this.take1();
      await this.clock.advance(delayMs);
      await this.take({ ...options(), wake });
    }
    return taken;
  }

  invocation(limitMs = fifteenMinutes): Invocation {
    const id = `invocation ${++this.#invocations}`;
    const began = this.clock.now();
    return { id, began, until: began + limitMs, place: { kind: "orchestrator", requestId: id } };
  }

  /** The oldest wake that was sent. */
  next(): Wake {
    return this.take1().wake;
  }

  take1(): Sent {
    const sent = this.wakes.shift();
    if (sent === undefined) throw new Error("nobody has asked for a turn");
    return sent;
  }

  wakeOf(reason: Wake["reason"], more: Partial<Wake> = {}): Wake {
    return { v: 1, run: this.run, reason, ...more };
  }

  /** Runs a launched step where it is isolated, and lets time pass until it has ended; default: the oldest one. */
  async runStep(launched: Launched | undefined = this.launches.shift(), at: Partial<StepPorts> = {}): Promise<void> {
    await this.pass(this.beginStep(launched, at));
  }

  beginStep(launched: Launched | undefined = this.launches.shift(), at: Partial<StepPorts> = {}): Promise<void> {
    if (launched === undefined) throw new Error("nothing was launched");
    return runIsolatedStep(launched.task, this.stepPorts(at));
  }

  stepPorts(at: Partial<StepPorts> = {}, limitMs = fifteenMinutes): StepPorts {
    const place = { kind: "function" } as const;
    return { ...this.ports, place, until: this.clock.now() + limitMs, signal: new AbortController().signal, ...at };
  }

  /** Lets time pass until this is done. */
  async pass<T>(work: Promise<T>): Promise<T> {
    const end = work.then(
      () => "done",
      () => "done",
    );
    for (let stood = 0; ; stood++) {
      await this.settle();
      if ((await Promise.race([end, soon()])) === "done") return work;
      if (await this.clock.advanceToNext()) stood = 0;
      if (stood > 1_000) throw new Error("this waits for something that time does not bring");
    }
  }

  /** Lets everything run that waits for nothing. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i++) await macrotask();
  }

  async entries(): Promise<readonly JournalEntry[]> {
    return (await this.ports.state.readTail(this.run, -1)).entries;
  }

  async events(): Promise<readonly RunEvent[]> {
    return (await this.entries()).flatMap(({ events }) => events);
  }

  async head(): Promise<JournalEntry | undefined> {
    return this.ports.state.readHead(this.run);
  }

  async record(): Promise<RunRecord> {
    const record = await this.ports.state.readRun(this.run);
    if (record === undefined) throw new Error(`there is no run ${this.run}`);
    return record;
  }

  /** How the journal says that step runs ended, in order: `fit completed`. */
  async outcomes(): Promise<readonly string[]> {
    return (await this.events()).flatMap((event) =>
      event.t === "outcome"
        ? [`${event.id}#${event.attempt} ${event.outcome.status === "failed" ? event.outcome.error.code : event.outcome.status}`]
        : [],
    );
  }
}

interface Life {
  isOver: boolean;
}

type Verb = (...args: unknown[]) => Promise<unknown>;

/** The same port, which a dead process asks in vain. */
function mortal<T extends object>(port: T, life: Life): T {
  const alive = async <R>(answer: R): Promise<R> => (life.isOver ? never() : answer);
  return eachVerb(
    port,
    (verb) =>
      async (...args: unknown[]) =>
        alive(await verb(...(await alive(args)))),
  );
}

function heard<T extends object>(port: T, asked: Asked[]): T {
  return eachVerb(port, (verb, name) => async (...args: unknown[]) => {
    asked.push({ verb: name as keyof StateStore, args });
    return verb(...args);
  });
}

function eachVerb<T extends object>(port: T, change: (verb: Verb, name: string) => Verb): T {
  return new Proxy(port, {
    get(target, name) {
      const verb: unknown = Reflect.get(target, name, target);
      if (typeof verb !== "function" || typeof name !== "string") return verb;
      if (name === "refuses") return verb.bind(target);
      return change((...args) => Reflect.apply(verb, target, args) as Promise<unknown>, name);
    },
  });
}

async function soon(): Promise<"soon"> {
  await macrotask();
  return "soon";
}

function never(): Promise<never> {
  return new Promise(() => {});
}
