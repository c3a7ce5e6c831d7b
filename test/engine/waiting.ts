import { setImmediate as macrotask } from "node:timers/promises";
import type { RunContext } from "../../src/define/run-context.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunId } from "../../src/model/id.ts";
import type { RunRecord } from "../../src/model/run.ts";
import { ManualClock, memoryStores, type MemoryEngine } from "../../src/testing.ts";
import { engineWith, journal } from "./engines.ts";

export const second = 1_000;
export const hour = 3_600_000;
export const day = 24 * hour;

/** Seconds since the run began, as the function knows them. */
export function stopwatch(run: RunContext): () => string {
  const began = run.now().getTime();
  return () => `${(run.now().getTime() - began) / second} s`;
}

/** An engine whose time passes when the test says so. */
export class Patience {
  readonly clock = new ManualClock();
  readonly stores = memoryStores();
  engine: MemoryEngine = this.another();

  /** A second engine on the same stores and clock. */
  another(codeVersion = "1"): MemoryEngine {
    const { clock, stores } = this;
    return engineWith({ clock, stores, codeVersion });
  }

  /** Its process is gone; another one has the stores. */
  async restart(codeVersion?: string): Promise<void> {
    await this.engine.close();
    this.engine = this.another(codeVersion);
  }

  async start({ name }: { readonly name: string }, params: object = {}): Promise<RunId> {
    const { run } = await this.engine.start(name, params);
    await this.settle();
    return run.id;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 8; i++) await macrotask();
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  async signal(run: RunId, name: string, value?: unknown, id?: string): Promise<void> {
    await this.engine.signal(run, { name, value, ...(id === undefined ? {} : { id }) });
    await this.settle();
  }

  /** Runs to the end, however much time that takes. */
  async ended(run: RunId): Promise<RunRecord> {
    let record: RunRecord | undefined;
    void this.engine.ended(run).then((ended) => (record = ended));
    for (let stood = 0; ; stood++) {
      await this.settle();
      if (record !== undefined) return record;
      if (stood > 100_000 || !(await this.clock.advanceToNext())) throw new Error("this run waits for something that time does not bring");
    }
  }

  /** Has the run ended by now? */
  async hasEnded(run: RunId): Promise<boolean> {
    return (await this.stores.state.readRun(run))?.ended !== undefined;
  }

  events(run: RunId): Promise<readonly RunEvent[]> {
    return journal(this.engine, run);
  }

  /** What the function has written with `run.log`, in the journal. */
  async said(run: RunId): Promise<readonly string[]> {
    return (await this.events(run)).flatMap((event) => (event.t === "logged" ? [event.message] : []));
  }

  /** What the run's log shows. */
  async lines(run: RunId): Promise<readonly string[]> {
    const { records } = await this.stores.logs.read(run);
    return records.map(({ level, message }) => `${level}: ${message}`);
  }
}
