import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { MemoryLogSink } from "../../src/adapters/memory/memory-log-sink.ts";
import { SeededEntropy } from "../../src/adapters/memory/seeded-entropy.ts";
import type { Ports, StepPorts, TurnPorts } from "../../src/engine/ports.ts";
import { runStepAndTakeOn } from "../../src/engine/baton.ts";
import { noteStepDeath } from "../../src/engine/step-death.ts";
import { runIsolatedStep } from "../../src/engine/step.ts";
import { sweep } from "../../src/engine/sweep.ts";
import { takeTurn } from "../../src/engine/turn.ts";
import { TurnEnvironment } from "../../src/engine/turn-environment.ts";
import type { TurnHost } from "../../src/engine/turn-place.ts";
import { executeStep } from "../../src/execute/execute-step.ts";
import { failureOf, SkeinError } from "../../src/model/error.ts";
import type { StepTask, Wake } from "../../src/model/task.ts";
import type { StateStore } from "../../src/ports/state-store.ts";
import { Ledger } from "./ledger.ts";
import { hanging } from "./hanging.ts";
import { acting, type Process, type World } from "./world.ts";

/** What a saboteur puts between the engine and the truth. */
export interface Sabotage {
  readonly state?: (state: StateStore, process: Process, world: World) => StateStore;
  /** The state store as an adapter's repetition after a lost response finds it. */
  readonly repeated?: (state: StateStore) => StateStore;
  readonly wakes?: (process: Process) => boolean;
  /** What a turn believes of its deadline, epoch milliseconds. */
  readonly until?: (until: number) => number;
}

/** An environment that takes turns, one at a time, and keeps what is warm between them. */
interface Environment {
  readonly process: Process;
  readonly host: TurnHost;
  readonly ports: TurnPorts;
}

const lifeMs = 900_000;
/** Leaves room for the longest timeout of an inline step (R17). */
const shortest = 31_000;
const sweepMs = 60_000;

/** The simulated platform: memory adapters, environments, and events that get lost, doubled and late. */
export class Cloud {
  readonly world: World;
  readonly ledger: Ledger;
  readonly artifacts = new MemoryArtifactStore();
  readonly logs = new MemoryLogSink();
  readonly #sabotage: Sabotage;
  readonly #seed: number;
  readonly #inlineValues: number;
  /** Of the deployment: how long turns linger, and whether finishers may take turns themselves. */
  readonly #options: { readonly hotWaitMs: number; readonly passesBaton: boolean };
  readonly #environments: Environment[] = [];

  constructor(world: World, seed: number, sabotage: Sabotage = {}) {
    this.world = world;
    this.#seed = seed;
    this.#sabotage = sabotage;
    this.#inlineValues = world.random.pick([0, 4_096]);
    this.#options = { hotWaitMs: world.random.pick([0, 0, 300]), passesBaton: world.random.chance(0.4) };
    this.ledger = new Ledger((what) => world.violate(what));
    world.onDeath = (process) => this.#onDeath(process);
    if (world.faults.sweeper) this.#sweepLater();
  }

  /** Everything that a process asks of the world, each asking a scheduling point. */
  portsOf(process: Process): TurnPorts {
    const { world } = this;
    const truth = this.#sabotage.state?.(this.ledger, process, world) ?? this.ledger;
    const clock = { now: () => world.now + process.skewMs, wait: (ms: number, signal?: AbortSignal) => world.wait(process, ms, signal) };
    const outside = hanging(
      {
        launch: async (task: StepTask, delayMs?: number) => this.#launch(task, delayMs),
        abort: async (key: StepTask["key"], reason: string) => this.#abort(key, reason),
        wake: async (wake: Wake, delayMs?: number) => this.#wake(wake, delayMs, process),
      },
      process,
      world,
    );
    const ports: TurnPorts = {
      state: hanging(truth, process, world, this.#sabotage.repeated?.(truth)),
      artifacts: hanging(this.artifacts, process, world),
      logs: this.logs,
      clock,
      entropy: new SeededEntropy(`${this.#seed}${process.name}`),
      operator: { launch: outside.launch, abort: outside.abort, refuses: () => undefined },
      turns: { wake: outside.wake },
      inlineValues: this.#inlineValues,
    };
    return world.random.chance(0.5) ? ports : { ...ports, inline: threads(ports, process) };
  }

  /** Without any scheduling, for those who look at what is left. */
  portsOfNobody(): Ports {
    const nothing = async () => {};
    return {
      state: this.ledger,
      artifacts: this.artifacts,
      logs: this.logs,
      inlineValues: 0,
      entropy: new SeededEntropy("nobody"),
      clock: { now: () => this.world.now, wait: nothing },
      operator: { launch: nothing, abort: nothing },
      turns: { wake: nothing },
    };
  }

  /** An event: dropped, late or doubled as the faults have it. */
  #send(what: string, delayMs: number, deliver: () => void): void {
    const { random, faults } = this.world;
    const copies = random.chance(faults.dropped) ? 0 : random.chance(faults.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const lateMs = random.chance(faults.late) ? random.whole(1_000, random.chance(0.3) ? 200_000 : 20_000) : 0;
      this.world.later(what, delayMs + lateMs, deliver);
    }
  }

  #wake(wake: Wake, delayMs = 0, process: Process): void {
    if (this.#sabotage.wakes?.(process) === false) return;
    this.#send(`wake ${wake.reason}`, delayMs, () => this.#takeTurn(wake));
  }

  #launch(task: StepTask, delayMs = 0): void {
    this.#send(`launch ${task.key.id}#${task.key.attempt}`, delayMs, () => this.#runStep(task));
  }

  #abort({ id, attempt }: StepTask["key"], reason: string): void {
    for (const { serves, abort } of this.world.processes)
      if (serves !== undefined && "key" in serves && serves.key.id === id && serves.key.attempt === attempt) abort.abort(reason);
  }

  #life(): number {
    const { random, faults } = this.world;
    return random.chance(faults.short) ? random.whole(shortest, 60_000) : lifeMs;
  }

  /** Runs `work` in the process until the invocation's deadline kills it. */
  #serve(process: Process, of: Wake | StepTask, work: () => Promise<unknown>): void {
    const { world } = this;
    const served = new AbortController();
    const life = this.#life();
    Object.assign(process, { serves: of, invocation: world.name("inv"), until: world.now + life });
    void world.wait(process, life, served.signal).then(() => (served.signal.aborted ? undefined : this.#overrun(process)));
    const done = () => {
      process.serves = undefined;
      served.abort();
    };
    this.#watch(
      process,
      acting
        .run({ process, world, begin: (id, attempt) => this.ledger.begin(id, attempt, { process, now: world.now }) }, work)
        .finally(done),
    );
  }

  /** Where nothing else kills, a turn has handed over before its deadline does (R17). */
  #overrun(process: Process): void {
    if (this.world.faults.crash === 0 && process.kind === "turn") this.world.violate(`${process.name} was cut off at its deadline`);
    this.world.kill(process, "deadline");
  }

  /** Nothing that the engine does may fail. */
  #watch(process: Process, work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.world.violate(`${process.name} threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
  }

  #takeTurn(wake: Wake): void {
    const idle = this.#environments.filter(({ process }) => !process.isDead && process.serves === undefined);
    const environment = idle.length > 0 && this.world.random.chance(0.7) ? this.world.random.pick(idle) : this.#openEnvironment();
    const { process, ports, host } = environment;
    this.#serve(process, wake, () => {
      const { invocation: id } = process;
      const until = this.#sabotage.until?.(process.until) ?? process.until;
      return takeTurn(wake, ports, { id, began: this.world.now, until, place: { kind: "orchestrator", requestId: id } }, host);
    });
  }

  #openEnvironment(): Environment {
    const process = this.world.spawn("turn", lifeMs);
    const environment = { process, host: new TurnEnvironment(this.#options), ports: this.portsOf(process) };
    this.#environments.push(environment);
    return environment;
  }

  #runStep(task: StepTask): void {
    const process = this.world.spawn("step", lifeMs);
    const ports = this.portsOf(process);
    this.#serve(process, task, () => {
      const at: StepPorts = {
        ...ports,
        place: { kind: "function", requestId: process.invocation },
        until: process.until,
        signal: process.abort.signal,
      };
      const invocation = { id: process.invocation, began: this.world.now, until: process.until, place: at.place };
      const host = new TurnEnvironment({ leavesInline: true, passesBaton: true });
      return this.#options.passesBaton ? runStepAndTakeOn(task, at, { ports, invocation, host }) : runIsolatedStep(task, at);
    });
  }

  /** The failure destination. */
  #onDeath(process: Process): void {
    const { serves, invocation } = process;
    if (serves === undefined) return;
    const delayMs = this.world.random.whole(10, 2_000);
    if ("key" in serves) {
      const reason = failureOf(new SkeinError("step_process_died", `the place of ${serves.key.id} died`));
      this.#send(`death of ${serves.key.id}#${serves.key.attempt}`, delayMs, () => {
        const destination = this.world.spawn("client", lifeMs);
        this.#watch(destination, noteStepDeath(serves, { reason, requestId: invocation }, this.portsOf(destination)));
      });
    } else {
      this.#send(`death of ${invocation}`, delayMs, () => this.#takeTurn({ v: 1, run: serves.run, reason: "crash", dead: invocation }));
    }
  }

  #sweepLater(): void {
    this.world.later("sweep", sweepMs, () => {
      if (this.ledger.hasEnded && this.ledger.isFinished) return;
      const sweeper = this.world.spawn("client", lifeMs);
      this.#watch(
        sweeper,
        sweep(this.portsOf(sweeper), (run, error) => this.world.violate(`run ${run} could not be woken: ${String(error)}`)),
      );
      this.#sweepLater();
    });
  }
}

/** Worker threads, as far as the engine can tell. */
function threads(ports: TurnPorts, process: Process): NonNullable<TurnPorts["inline"]> {
  return {
    width: 2,
    async run(tasks, signal, onEnd) {
      for (const [index, task] of tasks.entries()) {
        onEnd(
          index,
          await executeStep(task, {
            ...ports,
            place: { kind: "thread", requestId: process.invocation },
            until: process.until,
            signal,
            nonce: ports.entropy.nonce(),
          }),
        );
      }
    },
  };
}
