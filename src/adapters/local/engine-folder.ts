import { join, resolve } from "node:path";

/** Where an engine keeps its things, as absolute paths below its folder (usually `.skein`). */
export interface EngineFolder {
  /** The state store's SQLite file. */
  readonly state: string;
  readonly artifacts: string;
  readonly logs: string;
}

export function engineFolder(dir: string): EngineFolder {
  const root = resolve(dir);
  return { state: join(root, "state.db"), artifacts: join(root, "artifacts"), logs: join(root, "logs") };
}
