import { existsSync } from "node:fs";
import { engineFolder } from "../../adapters/local/engine-folder.ts";
import { SkeinError } from "../../model/error.ts";
import type { LogReader } from "../../ports/log-sink.ts";
import type { Sources } from "../../observe/sources.ts";

/** An engine's folder opened for reading: no catalogue is loaded and nothing is written, whatever else uses it meanwhile. */
export interface ReadStores extends Sources {
  readonly logs: LogReader;
  close(): Promise<void>;
}

/** Undefined where no run was ever started in that folder. */
export async function openForReading(dir: string): Promise<ReadStores | undefined> {
  const folder = engineFolder(dir);
  if (!existsSync(folder.state)) return undefined;
  const [{ SqliteStateStore }, { FileArtifactStore }, { LogFile }] = await Promise.all([
    import("../../adapters/local/sqlite-state-store.ts"),
    import("../../adapters/local/file-artifact-store.ts"),
    import("../../adapters/local/log-file.ts"),
  ]);
  const state = openState(() => new SqliteStateStore({ path: folder.state, readOnly: true }));
  if (state === undefined) return undefined;
  return { state, artifacts: FileArtifactStore.open(folder.artifacts), logs: new LogFile(folder.logs), close: () => state.close() };
}

/** The first process to run something here may be just making the file, or have died while it did. */
function openState<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof SkeinError && error.data?.["isEmpty"] === true) return undefined;
    throw error;
  }
}
