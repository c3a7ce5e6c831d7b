import { setTimeout as pause } from "node:timers/promises";
import type { Engine } from "../../engine/engine.ts";
import type { RunId } from "../../model/id.ts";
import type { RunRecord } from "../../model/run.ts";
import { jsonView } from "../../observe/json-view.ts";
import type { RunReport } from "../../observe/resources.ts";
import type { RunWatch } from "../../observe/progress.ts";
import { nextCommand } from "../context.ts";
import type { FollowedRun } from "../desk.ts";
import type { GlobalOptions } from "../place.ts";
import type { ProgressView } from "../progress-view.ts";

/** A look at a run takes at most this part of the time, however large the run. */
const maxShare = 0.05;

/** A run of this process's engine, or one of another process that this one watches. */
export class LocalRun implements FollowedRun {
  readonly id: RunId;
  readonly pipeline: string;
  readonly wayBack: FollowedRun["wayBack"];
  readonly #engine: Engine;
  #record: RunRecord;

  constructor(engine: Engine, record: RunRecord, options: GlobalOptions) {
    this.#engine = engine;
    this.#record = record;
    this.id = record.id;
    this.pipeline = record.pipeline;
    const resume = nextCommand({ options }, `resume ${record.id}`);
    this.wayBack = {
      left: `Left while the run was stopping. ${resume} brings it to its end.`,
      lost: `The run is not lost: ${resume} goes on with it.`,
    };
  }

  async follow(view: ProgressView | undefined): Promise<void> {
    const ended = this.#engine.ended(this.id);
    if (view !== undefined) {
      const { RunWatch } = await import("../../observe/progress.ts");
      await showUntil(ended, new RunWatch(this.#engine, this.#record), view);
    }
    this.#record = await ended;
  }

  async stop(reason: string): Promise<void> {
    await this.#engine.stop(this.id, reason);
  }

  async report(): Promise<RunReport> {
    const [{ describeRecord }, { loadValues }] = await Promise.all([import("../../observe/run.ts"), import("../../engine/load-values.ts")]);
    const run = await describeRecord(this.#engine, this.#record, Date.now());
    const values = await loadValues(this.#record.ended?.outputs ?? {}, this.#engine.artifacts);
    return { run, ...(values === undefined ? {} : { values: jsonView(values) }) };
  }
}

async function showUntil(ended: Promise<unknown>, watch: RunWatch, view: ProgressView): Promise<void> {
  const over = new AbortController();
  const end = () => over.abort();
  ended.then(end, end);
  for (let lastCost = 0; ;) {
    const isLast = over.signal.aborted;
    const began = performance.now();
    const now = Date.now();
    view.show(await watch.look(now), now);
    if (isLast) return;
    // A single slow look (modules are loaded, a step holds the thread) says nothing of the next one.
    const cost = performance.now() - began;
    const steadyCost = Math.min(cost, lastCost);
    lastCost = cost;
    // Ends early with the run; what it rejects with then says nothing more.
    await pause(Math.max(view.everyMs, steadyCost / maxShare), undefined, { signal: over.signal }).catch(() => {});
  }
}
