import { engineFolder } from "../../adapters/local/engine-folder.ts";
import { FileArtifactStore } from "../../adapters/local/file-artifact-store.ts";
import { Liveness } from "../../adapters/local/liveness.ts";
import { SqliteStateStore } from "../../adapters/local/sqlite-state-store.ts";
import { SkeinError } from "../../model/error.ts";
import type { RunId } from "../../model/id.ts";
import { describeRun } from "../../observe/run.ts";
import { readRecord } from "../../observe/run-view.ts";
import { requestStop } from "../../record/run.ts";
import type { StopAnswer } from "../desk.ts";

/** Writes the request and tells the process that works on the run; needs no catalogue. `dir` is one where runs were started. */
export async function stopLocally(dir: string, id: string, reason: string): Promise<StopAnswer> {
  const folder = engineFolder(dir);
  const state = new SqliteStateStore({ path: folder.state });
  try {
    const run = await readRecord({ state }, id);
    if (run.ended !== undefined) throw new SkeinError("run_has_ended", `Run ${id} cannot be stopped: it has ended (${run.ended.status}).`);
    await requestStop(state, run, reason, Date.now());
    const isHeard = await poke(dir, run.id);
    return { isHeard, run: await describeRun({ state, artifacts: FileArtifactStore.open(folder.artifacts) }, id, Date.now()) };
  } finally {
    await state.close();
  }
}

async function poke(dir: string, run: RunId): Promise<boolean> {
  const liveness = new Liveness(dir);
  const isHeard = await liveness.poke({ v: 1, run, reason: "stop" });
  await liveness.close();
  return isHeard;
}
