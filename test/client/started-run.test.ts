import { describe, expect, it } from "vitest";
import { MemoryArtifactStore } from "../../src/adapters/memory/memory-artifact-store.ts";
import { MemoryLogSink } from "../../src/adapters/memory/memory-log-sink.ts";
import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import { SharedEngine } from "../../src/client/shared-engine.ts";
import { StartedRun } from "../../src/client/started-run.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Artifact } from "../../src/index.ts";
import type { RunEvent } from "../../src/model/event.ts";
import type { RunEnd, RunRecord } from "../../src/model/run.ts";
import { completed, jsonRef, returned, runId } from "./ended-run.ts";

const record: RunRecord = {
  v: 1,
  id: runId,
  pipeline: "tides",
  mode: "dynamic",
  onFailure: "stop_on_failure",
  params: "{}",
  codeVersion: "1",
  createdAt: 1,
  tags: [],
  maxSteps: 10,
  maxTurns: 10,
};

/** An engine whose one run ends when the test says so. */
class HeldEngine implements Engine {
  readonly state = new MemoryStateStore();
  readonly artifacts = new MemoryArtifactStore();
  readonly logs = new MemoryLogSink();
  readonly stops: string[] = [];
  closes = 0;
  readonly #end = Promise.withResolvers<RunRecord>();

  async end(end: Pick<RunEnd, "status" | "error">, events: readonly RunEvent[] = []): Promise<void> {
    const totals = { turns: 1, called: 1, ended: {} };
    await this.state.append(runId, { v: 1, seq: 0, nonce: "n", turn: "t", invocation: "i", until: 1, at: 1, wait: false, totals, events });
    this.#end.resolve({ ...record, ended: { ...end, at: 3, outputs: {}, totals, entries: 1, startedAt: 2 } });
  }

  breakDown(error: Error): void {
    this.#end.reject(error);
  }

  start = () => Promise.resolve({ run: record, created: true });
  resume = () => Promise.resolve();
  signal = () => Promise.resolve();
  ended = () => this.#end.promise;
  async stop(run: string): Promise<void> {
    this.stops.push(run);
  }
  async close(): Promise<void> {
    this.closes++;
  }
}

describe("a started run", () => {
  it("gives its result once it has ended, as often as it is asked for, and lets go of the engine before", async () => {
    const engine = new HeldEngine();
    const run = new StartedRun<Artifact<number>>(engine, runId, () => engine.close());
    const [first, second] = [run.result(), run.result()];
    expect(engine.closes).toBe(0);
    await engine.end({ status: "completed" }, [
      completed("fit", { output: jsonRef("rmse", 0.5) }),
      returned({ kind: "one", value: { from: "fit", output: "output" } }),
    ]);
    expect(await (await first).load()).toBe(0.5);
    expect(await (await second).load()).toBe(0.5);
    expect(engine.closes).toBe(1);
  });

  it("rejects with the error of a failed run", async () => {
    const engine = new HeldEngine();
    const { result } = new StartedRun(engine, runId, () => engine.close());
    await engine.end({ status: "failed", error: { name: "RangeError", message: "too far", step: "fit" } });
    await expect(result()).rejects.toThrow(expect.objectContaining({ name: "RangeError", message: "too far", step: "fit" }));
  });

  it("rejects when it was stopped, and stops only while it runs", async () => {
    const engine = new HeldEngine();
    const run = new StartedRun(engine, runId, () => engine.close());
    await run.stop();
    await engine.end({ status: "stopped" });
    await expect(run.result()).rejects.toThrow(expect.objectContaining({ code: "stopped" }));
    await run.stop();
    expect(engine.stops).toEqual([runId]);
  });

  it("that nobody asks for its result rejects nothing", async () => {
    const engine = new HeldEngine();
    const released = Promise.withResolvers<void>();
    const run = new StartedRun(engine, runId, async () => released.resolve());
    engine.breakDown(new Error("disk full"));
    await released.promise;
    await expect(run.result()).rejects.toThrow("disk full");
  });
});

describe("a shared engine", () => {
  it("is opened once for several runs, closed after the last, and opened again", async () => {
    const opened: HeldEngine[] = [];
    const shared = new SharedEngine(async () => {
      const engine = new HeldEngine();
      opened.push(engine);
      return engine;
    });
    const [first, second] = await Promise.all([shared.use(), shared.use()]);
    expect(second).toBe(first);
    await shared.release();
    expect(opened[0]?.closes).toBe(0);
    await shared.release();
    expect(opened[0]?.closes).toBe(1);
    expect(await shared.use()).toBe(opened[1]);
  });

  it("that did not open is tried again", async () => {
    const outcomes = [Promise.reject(new Error("locked")), Promise.resolve(new HeldEngine())];
    const shared = new SharedEngine(() => outcomes.shift() as Promise<Engine>);
    await expect(shared.use()).rejects.toThrow("locked");
    const engine = await shared.use();
    await shared.release();
    expect(engine).toMatchObject({ closes: 1 });
  });
});
