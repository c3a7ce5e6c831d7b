import type { Engine } from "../engine/engine.ts";
import { errorOf, SkeinError } from "../model/error.ts";
import type { RunEvent } from "../model/event.ts";
import type { RunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { runResult } from "./run-result.ts";

/** A run, as the program that started it sees it. */
export interface Run<out R> {
  readonly id: string;
  /**
   * Waits for the end, and gives what the pipeline function returned, with artifacts in the place of handles. Rejects with the
   * run's error if it failed, with `stopped` if it was stopped.
   */
  result(): Promise<R>;
  /** Nothing new starts, steps that run get `signal`; the run ends as stopped. Does nothing once it has ended. */
  stop(): Promise<void>;
}

interface Ending {
  readonly run: RunRecord;
  readonly events: readonly RunEvent[];
}

/** `release` is called once the run has ended and nothing is needed of the engine's state any more. */
export class StartedRun<R> implements Run<R> {
  readonly id: RunId;
  readonly result: () => Promise<R>;
  readonly stop: () => Promise<void>;

  constructor(engine: Engine, id: RunId, release: () => Promise<void>) {
    this.id = id;
    let isOver = false;
    const ending = endingOf(engine, id, () => {
      isOver = true;
      return release();
    });
    // Whoever wants to know asks for the result.
    ending.catch(() => {});
    this.result = async () => resultOf(await ending, engine) as R;
    this.stop = async () => {
      if (!isOver) await engine.stop(id);
    };
  }
}

async function endingOf(engine: Engine, id: RunId, release: () => Promise<void>): Promise<Ending> {
  try {
    const run = await engine.ended(id);
    const { entries } = await engine.state.readTail(id, -1);
    return { run, events: entries.flatMap((entry) => entry.events) };
  } finally {
    await release();
  }
}

function resultOf({ run, events }: Ending, engine: Engine): unknown {
  const { ended } = run;
  if (ended?.status === "completed") return runResult(events, engine.artifacts);
  if (ended?.error !== undefined) throw errorOf(ended.error);
  throw new SkeinError("stopped", `run ${run.id} of pipeline ${run.pipeline} was stopped before it was complete: it has no result`);
}
