import type { Engine } from "../../engine/engine.ts";
import type { Environment } from "../env.ts";
import { catalogueFile, engineDir, type GlobalOptions } from "../place.ts";

/** What a command says of this machine: which folder, which catalogue. */
export interface LocalOptions {
  readonly options: GlobalOptions;
  readonly environment: Environment;
}

/** The embedded engine with the catalogue that the command line names. */
export async function openEngine({ options, environment }: LocalOptions): Promise<Engine> {
  const [dir, catalogue] = [engineDir(options, environment), catalogueFile(options, environment)];
  const { openEmbedded } = await import("../../adapters/local/embedded.ts");
  return openEmbedded({ dir, catalogue, synchronous: options.durable === "power-cut" ? "FULL" : "NORMAL" });
}
