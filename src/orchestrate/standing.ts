import { failureOf, type SkeinError } from "../model/error.ts";
import type { StepCalled, StepMapped } from "../model/event.ts";
import type { Failure } from "../model/failure.ts";
import type { RunOutputs, RunRecord } from "../model/run.ts";
import type { Graph } from "./graph.ts";

/** How the pipeline function and its run stand: what ended, and why. */
export class Standing {
  readonly #run: RunRecord;
  /** The time of the last recorded delivery. */
  now: number;
  returned: RunOutputs | undefined;
  threw: Failure | undefined;
  /** The engine took the function out of the run. */
  halted: Failure | undefined;
  /** To be taken out at the end of this drain. */
  halting: SkeinError | undefined;
  stopping: string | undefined;
  hasEnded = false;
  /** The journal's event at which the function did something else; undefined: it repeated all of them. */
  divergedAt: number | undefined;
  /** The call that it made there instead. */
  attempted: StepCalled | StepMapped | undefined;
  /** Promise chains of the function's own that failed while nobody looked. */
  readonly strays = new Map<object, unknown>();

  constructor(run: RunRecord) {
    this.#run = run;
    this.now = run.createdAt;
  }

  /** The function sees nothing more, and what it does counts no more. */
  get isBlind(): boolean {
    return this.halted !== undefined || this.halting !== undefined || this.stopping !== undefined;
  }

  /** The function's part in the run is over. */
  get isOver(): boolean {
    return this.returned !== undefined || this.threw !== undefined || this.halted !== undefined || this.stopping !== undefined;
  }

  get isStatic(): boolean {
    return this.#run.mode === "static";
  }

  /** What runs is asked to stop: by a stop request, or by `fail_fast`. */
  get mustAbort(): boolean {
    return this.stopping !== undefined || (this.halted !== undefined && this.#run.onFailure === "fail_fast");
  }

  /** Why nothing starts any more; undefined while things may. */
  closedFor(graph: Graph): string | undefined {
    if (this.stopping !== undefined) return `the run was stopped: ${this.stopping}`;
    if (this.halted !== undefined) return `the run had failed: ${this.halted.message}`;
    if (this.#run.onFailure === "continue_on_failure") return undefined;
    if (this.threw !== undefined) return "the pipeline function had failed";
    const [failed] = this.isStatic ? graph.failed : [];
    return failed === undefined ? undefined : `step ${failed.id} had failed`;
  }

  /** The first stray failure; a static function has no promises of its own. */
  get stray(): Failure | undefined {
    if (this.strays.size === 0 || this.isStatic) return undefined;
    const [error] = this.strays.values();
    return failureOf(error);
  }
}
