import { executeStep } from "../../execute/execute-step.ts";
import { loadPinnedCatalogue } from "./catalogue-loader.ts";
import { engineFolder } from "./engine-folder.ts";
import { FileArtifactStore } from "./file-artifact-store.ts";
import { LogFile } from "./log-file.ts";
import { SystemClock } from "./system-clock.ts";
import { CryptoEntropy } from "./system-entropy.ts";
import { serveBatches } from "./thread-service.ts";

/** Entry of the engine's worker threads: outcomes go back to the turn, which alone records them (R19). */
await serveBatches(async (setup) => {
  await loadPinnedCatalogue(setup.catalogue, setup.digest);
  const folder = engineFolder(setup.dir);
  const artifacts = FileArtifactStore.open(folder.artifacts, { flush: setup.synchronous === "FULL" });
  const logs = new LogFile(folder.logs);
  const entropy = new CryptoEntropy();
  const bench = { artifacts, logs, clock: new SystemClock(), inlineValues: setup.inlineValues };
  return { execute: (task, invocation) => executeStep(task, { ...bench, ...invocation, nonce: entropy.nonce() }) };
});
