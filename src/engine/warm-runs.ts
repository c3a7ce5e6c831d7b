import type { RunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import type { WindDown } from "./wind-down.ts";

/** A suspended run whose pipeline function still stands in memory. */
export interface WarmRun {
  readonly run: RunRecord;
  /** Of the journal's entry that it stands at. */
  readonly seq: number;
  readonly orchestration: Orchestration;
  readonly windDown: WindDown;
  readonly startedAt: number;
}

/** The suspended runs of this environment, the latest ones; another environment may have moved any of them on since. */
export class WarmRuns {
  readonly #runs = new Map<RunId, WarmRun>();
  readonly #max: number;

  /** `max`: default 100. */
  constructor(max = 100) {
    this.#max = max;
  }

  /** Takes the run out: two turns never share one function. */
  take(run: RunId): WarmRun | undefined {
    const warm = this.#runs.get(run);
    this.#runs.delete(run);
    return warm;
  }

  keep(warm: WarmRun): void {
    this.#runs.set(warm.run.id, warm);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= this.#max) break;
      this.#runs.delete(oldest);
    }
  }
}
