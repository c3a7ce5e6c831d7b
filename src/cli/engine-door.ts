import type { Engine } from "../engine/engine.ts";
import { catalogueFile, engineDir } from "./place.ts";
import type { CommandContext } from "./context.ts";

/** The embedded engine with the catalogue that the command line names. */
export async function openEngine({ options, environment }: CommandContext): Promise<Engine> {
  const [dir, catalogue] = [engineDir(options, environment), catalogueFile(options, environment)];
  const { openEmbedded } = await import("../adapters/local/embedded.ts");
  return openEmbedded({ dir, catalogue, synchronous: options.durable === "power-cut" ? "FULL" : "NORMAL" });
}
