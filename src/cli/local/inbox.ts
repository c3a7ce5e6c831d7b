import { engineFolder } from "../../adapters/local/engine-folder.ts";
import { FileArtifactStore } from "../../adapters/local/file-artifact-store.ts";
import { Liveness } from "../../adapters/local/liveness.ts";
import { SqliteStateStore } from "../../adapters/local/sqlite-state-store.ts";
import type { RunRecord } from "../../model/run.ts";
import { describeRun } from "../../observe/run.ts";
import { readRecord } from "../../observe/run-view.ts";
import type { StateStore } from "../../ports/state-store.ts";
import type { TurnQueue } from "../../ports/turn-queue.ts";
import type { InboxAnswer } from "../desk.ts";

/** Writes something for a run, then wakes it. */
export type Put = (run: RunRecord, ports: { readonly state: StateStore; readonly turns: TurnQueue }) => Promise<void>;

/** Puts something into a run's inbox and tells the process that works on it; needs no catalogue. `dir` is one where runs were started. */
export async function putIntoInbox(dir: string, id: string, put: Put): Promise<InboxAnswer> {
  const folder = engineFolder(dir);
  const state = new SqliteStateStore({ path: folder.state });
  const process = new LiveProcess(dir);
  try {
    await put(await readRecord({ state }, id), { state, turns: process });
    const run = await describeRun({ state, artifacts: FileArtifactStore.open(folder.artifacts) }, id, Date.now());
    return { isHeard: process.hasHeard, run };
  } finally {
    await process.close();
    await state.close();
  }
}

/** Whoever works on the run: wakes reach it, if it lives. */
class LiveProcess implements TurnQueue {
  readonly #liveness: Liveness;
  hasHeard = false;

  constructor(dir: string) {
    this.#liveness = new Liveness(dir);
  }

  async wake(wake: Parameters<TurnQueue["wake"]>[0]): Promise<void> {
    this.hasHeard = await this.#liveness.poke(wake);
  }

  async close(): Promise<void> {
    await this.#liveness.close();
  }
}
