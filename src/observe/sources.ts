import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { StateStore } from "../ports/state-store.ts";

/** What is read: nothing here writes. */
export interface Sources {
  readonly state: Pick<
    StateStore,
    "readRun" | "listRuns" | "readTail" | "readHead" | "readAttempts" | "listAttempts" | "listVersions" | "readItems"
  >;
  readonly artifacts: Pick<ArtifactStore, "get" | "uri">;
}
