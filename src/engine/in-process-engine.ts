import { SkeinError } from "../model/error.ts";
import type { RunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { LogReader, LogSink } from "../ports/log-sink.ts";
import type { StateStore } from "../ports/state-store.ts";
import { requestStop } from "../record/run.ts";
import type { Engine, Started, StartRequest } from "./engine.ts";
import { watchForeignCalls } from "./foreign-calls.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import { resumeRun, type ResumeRequest } from "./resume-run.ts";
import { signalRun, type SignalRequest } from "./send-signal.ts";
import { startRun } from "./start-run.ts";
import { watchStrayRejections } from "./stray-rejections.ts";
import { TurnLoop } from "./turn-loop.ts";

/** What makes an in-process engine, beside its ports. */
export interface InProcessOptions {
  readonly ports: Omit<TurnPorts, "turns" | "logs"> & { readonly logs: LogSink & LogReader };
  readonly invocation: Invocation;
  readonly codeVersion: string;
  /** Who else may have a run: other processes on the same stores. */
  readonly liveness?: Liveness;
  /** Ends what the engine opened. */
  readonly onClose?: () => Promise<void>;
}

/** Tells the processes that may work on the same runs about each other (R19). */
export interface Liveness {
  /** Fails where an announcement would fail for reasons of this process or its stores. */
  prepare(): Promise<void>;
  /** This process works on the run from now on. @throws SkeinError `run_is_live`: another one does */
  announce(run: RunId): Promise<void>;
  withdraw(run: RunId): Promise<void>;
  /** Asks a live process, if there is one, to look at the run's inbox. */
  poke(run: RunId): Promise<void>;
}

const alone: Liveness = { prepare: async () => {}, announce: async () => {}, withdraw: async () => {}, poke: async () => {} };
/** How often the end of a run in another process is looked for. */
const lookMs = 250;
/** How often a quiet run of this process is looked through for what got lost. */
const sweepMs = 10_000;

/** Runs pipelines in this process: turns in its event loop, its ports for everything else. */
export class InProcessEngine implements Engine {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogReader;
  readonly #options: InProcessOptions;
  readonly #liveness: Liveness;
  readonly #loop: TurnLoop;
  readonly #waiting = new Map<RunId, Set<() => void>>();
  /** Runs that this process works on; aborted when the run has ended. */
  readonly #open = new Map<RunId, AbortController>();
  readonly #failed = new Map<RunId, unknown>();
  readonly #watches: readonly Disposable[];

  constructor(options: InProcessOptions) {
    const { ports, invocation } = options;
    this.#options = options;
    this.#liveness = options.liveness ?? alone;
    this.state = ports.state;
    this.artifacts = ports.artifacts;
    this.logs = ports.logs;
    this.#loop = new TurnLoop(ports, invocation, (run, end, error) => this.#onTurn(run, end === "ended" || end === "gone", error));
    this.#watches = [watchForeignCalls(), watchStrayRejections()];
  }

  get turns(): TurnLoop {
    return this.#loop;
  }

  async start(pipeline: string, params: unknown, request: StartRequest = {}): Promise<Started> {
    const announced = {
      wake: async (wake: Wake) => {
        try {
          await this.#liveness.announce(wake.run);
          await this.#begin(wake);
        } catch (error) {
          // The run is there and can be resumed, so it is answered; who waits for its end hears why it does not go on here.
          this.#failed.set(wake.run, error);
        }
      },
    };
    const { ports, codeVersion } = this.#options;
    return startRun(pipeline, params, request, { ...ports, turns: announced, codeVersion, beforeCreation: () => this.#liveness.prepare() });
  }

  async #begin(wake: Wake): Promise<void> {
    const ended = new AbortController();
    this.#open.set(wake.run, ended);
    this.#failed.delete(wake.run);
    await this.#loop.wake(wake);
    void this.#sweep(wake.run, wake.reason === "resume" ? lookMs : sweepMs, ended.signal);
  }

  /** After a resume, children of the dead process may still be at work; their rows tell, nobody else will. Later this is a net. */
  async #sweep(run: RunId, firstMs: number, ended: AbortSignal): Promise<void> {
    for (let pause = firstMs; ; pause = Math.min(pause * 1.5, sweepMs)) {
      await this.#options.ports.clock.wait(pause, ended);
      if (ended.aborted) return;
      if (!this.#loop.liveRuns.includes(run)) await this.#loop.wake({ v: 1, run, reason: "sweep" });
    }
  }

  async resume(run: RunId, request: ResumeRequest = {}): Promise<void> {
    const record = await this.#known(run);
    if (record.ended !== undefined) return;
    await this.#liveness.announce(run);
    try {
      const wake = await resumeRun(
        record,
        request,
        { ...this.#options.ports, turns: this.#loop, codeVersion: this.#options.codeVersion },
        this.#options.invocation,
      );
      await this.#begin(wake);
    } catch (error) {
      await this.#liveness.withdraw(run);
      throw error;
    }
  }

  async stop(run: RunId, reason = "stopped by request"): Promise<void> {
    const record = await this.#known(run);
    if (record.ended !== undefined)
      throw new SkeinError("run_has_ended", `run ${run} has ended (${record.ended.status}): there is nothing to stop`);
    await requestStop(this.state, record, reason, this.#options.ports.clock.now());
    if (this.#open.has(run)) await this.#loop.wake({ v: 1, run, reason: "stop" });
    else await this.#liveness.poke(run);
  }

  async signal(run: RunId, request: SignalRequest): Promise<void> {
    const heard = { wake: async (wake: Wake) => (this.#open.has(run) ? this.#loop.wake(wake) : this.#liveness.poke(run)) };
    await signalRun(await this.#known(run), request, { ...this.#options.ports, turns: heard });
  }

  /** Another process has put something into the run's inbox. */
  async look(run: RunId): Promise<void> {
    if (this.#open.has(run)) await this.#loop.wake({ v: 1, run, reason: "stop" });
  }

  async ended(run: RunId, signal?: AbortSignal): Promise<RunRecord> {
    for (;;) {
      const record = await this.#known(run);
      if (record.ended !== undefined) return record;
      signal?.throwIfAborted();
      if (this.#failed.has(run)) throw this.#failed.get(run);
      if (this.#open.has(run)) await this.#closed(run, signal);
      else await this.#options.ports.clock.wait(lookMs, signal);
    }
  }

  #closed(run: RunId, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(run) ?? new Set();
      this.#waiting.set(run, waiting.add(resolve));
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #onTurn(run: RunId, isOver: boolean, error: unknown): void {
    if (!isOver && error === undefined) return;
    if (error !== undefined) this.#failed.set(run, error);
    this.#open.get(run)?.abort();
    this.#open.delete(run);
    void this.#liveness.withdraw(run);
    for (const resolve of this.#waiting.get(run) ?? []) resolve();
    this.#waiting.delete(run);
  }

  async #known(run: RunId): Promise<RunRecord> {
    const record = await this.state.readRun(run);
    if (record === undefined) throw new SkeinError("unknown_run", `there is no run ${run} here: list them with \`skein runs\``);
    return record;
  }

  async close(): Promise<void> {
    this.#loop.close();
    for (const [run, ended] of this.#open) {
      ended.abort();
      await this.#liveness.withdraw(run);
    }
    this.#open.clear();
    for (const watch of this.#watches) watch[Symbol.dispose]();
    await this.#options.onClose?.();
  }
}
