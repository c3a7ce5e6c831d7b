import { runIsolatedStep } from "../../engine/step.ts";
import { loadPinnedCatalogue } from "./catalogue-loader.ts";
import { engineFolder } from "./engine-folder.ts";
import { FileArtifactStore } from "./file-artifact-store.ts";
import { LogFile } from "./log-file.ts";
import { Liveness } from "./liveness.ts";
import { serveTasks } from "./process-service.ts";
import { SqliteStateStore } from "./sqlite-state-store.ts";
import { SystemClock } from "./system-clock.ts";
import { CryptoEntropy } from "./system-entropy.ts";

/** Entry of the operator's children: each opens the engine's stores itself, and records what it has done itself (R19). */
await serveTasks(async (setup) => {
  await loadPinnedCatalogue(setup.catalogue, setup.digest);
  const folder = engineFolder(setup.dir);
  const state = new SqliteStateStore({ path: folder.state, synchronous: setup.synchronous ?? "NORMAL" });
  const artifacts = FileArtifactStore.open(folder.artifacts, { flush: setup.synchronous === "FULL" });
  const logs = new LogFile(folder.logs);
  const ports = { state, artifacts, logs, clock: new SystemClock(), entropy: new CryptoEntropy(), inlineValues: setup.inlineValues };
  const liveness = new Liveness(setup.dir);
  return {
    run: (task, { parent, place, until, signal }) =>
      runIsolatedStep(task, { ...ports, operator: parent, turns: parent, place, until, signal }),
    wakeHeir: (wake) => liveness.poke(wake),
    async close() {
      await logs.flush();
      await artifacts.close();
      await state.close();
    },
  };
});
