/**
 * The door for tests: an engine in memory, and the clock to hold its time still.
 *
 *     const engine = openMemoryEngine();
 *     const model = await engine.run(forecast, { city: "Seattle" });
 *     expect(await model.load()).toEqual(…);
 *     await engine.close();
 */
import { noDeadline } from "./adapters/local/process-setup.ts";
import { SystemClock } from "./adapters/local/system-clock.ts";
import { CryptoEntropy } from "./adapters/local/system-entropy.ts";
import { MemoryArtifactStore } from "./adapters/memory/memory-artifact-store.ts";
import { MemoryLogSink } from "./adapters/memory/memory-log-sink.ts";
import { MemoryStateStore } from "./adapters/memory/memory-state-store.ts";
import { StartedRun } from "./client/started-run.ts";
import type { Args } from "./define/call-input.ts";
import { definitionOf } from "./define/definition-of.ts";
import type { Pipeline } from "./define/pipeline.ts";
import { InProcessEngine } from "./engine/in-process-engine.ts";
import { InProcessOperator } from "./engine/in-process-operator.ts";
import type { StartRequest } from "./engine/engine.ts";
import type { Ports } from "./engine/ports.ts";
import type { ArtifactStore } from "./ports/artifact-store.ts";
import type { Clock } from "./ports/clock.ts";
import type { LogReader, LogSink } from "./ports/log-sink.ts";
import type { StateStore } from "./ports/state-store.ts";

export { ManualClock } from "./adapters/memory/manual-clock.ts";
export { MemoryArtifactStore, MemoryLogSink, MemoryStateStore };
export type { Engine, Started, StartRequest } from "./engine/engine.ts";

/** Where an engine keeps what it knows: give one engine's stores to another and it can resume the first one's runs. */
export interface MemoryStores {
  readonly state: StateStore;
  readonly artifacts: ArtifactStore;
  readonly logs: LogSink & LogReader;
}

export interface MemoryEngineOptions {
  /** Default: the machine's time. With a `ManualClock` delays, time-outs and expiry pass when the test says so. */
  readonly clock?: Clock | undefined;
  /** Default: new ones, in memory. */
  readonly stores?: MemoryStores | undefined;
  /** What stands for the code's version: a resume under another one replays first. Default `"test"`. */
  readonly codeVersion?: string | undefined;
  /** Text outputs up to this many bytes stay in the outcome; default 4,096; 0: none. */
  readonly inlineValues?: number | undefined;
}

/** New stores in this process's memory, gone with it. */
export function memoryStores(): MemoryStores {
  return { state: new MemoryStateStore(), artifacts: new MemoryArtifactStore(), logs: new MemoryLogSink() };
}

/** The engine, with everything in this process and nothing kept: inline steps in its thread, isolated ones beside them. */
export class MemoryEngine extends InProcessEngine {
  /** Starts a run, waits for its end, and gives what the pipeline returned, with artifacts that can be loaded. */
  async run<P, R>(pipeline: Pipeline<P, R>, ...args: Args<P, P, StartRequest>): Promise<R> {
    const [params = {}, request = {}] = args;
    const { run } = await this.start(definitionOf(pipeline).name, params, request);
    return new StartedRun<R>(this, run.id, async () => {}).result();
  }
}

/**
 * Opens an engine whose runs need nothing but this process: pipelines and steps are those that the test's modules define.
 * Isolated steps get the same treatment as elsewhere (inputs and outputs by reference, own attempt rows), but share the process.
 */
export function openMemoryEngine(options: MemoryEngineOptions = {}): MemoryEngine {
  const { clock = new SystemClock(), stores = memoryStores(), codeVersion = "test", inlineValues = 4_096 } = options;
  const entropy = new CryptoEntropy();
  const name = entropy.nonce();
  const errors: unknown[] = [];
  const operator: InProcessOperator = new InProcessOperator({
    name,
    until: noDeadline,
    ports: () => ({ ...ports, turns: engine.turns }),
    onError: (error) => errors.push(error),
  });
  const ports: Omit<Ports, "turns"> & { readonly operator: InProcessOperator; readonly logs: LogSink & LogReader } = {
    ...stores,
    clock,
    entropy,
    operator,
    inlineValues,
  };
  const engine: MemoryEngine = new MemoryEngine({
    ports,
    invocation: { id: name, began: clock.now(), until: noDeadline, place: { kind: "orchestrator", born: name } },
    codeVersion,
    async onClose() {
      operator.close();
      if (errors.length > 0) throw new AggregateError(errors, "isolated steps could not be recorded");
    },
  });
  return engine;
}
