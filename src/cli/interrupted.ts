import type { RunId } from "../model/id.ts";
import { parseRunId } from "../model/id.ts";
import type { RunResource } from "../observe/resources.ts";
import { nextCommand, type CommandContext } from "./context.ts";

/** Those of the runs that have not ended although no process works on them any more: they wait for `skein resume`. */
export async function findInterrupted(dir: string, runs: readonly Pick<RunResource, "id" | "endedAt">[]): Promise<ReadonlySet<string>> {
  const open = runs.flatMap((run) => (run.endedAt === undefined ? (parseRunId(run.id) ?? []) : []));
  if (open.length === 0) return new Set();
  const { Liveness } = await import("../adapters/local/liveness.ts");
  const liveness = new Liveness(dir);
  const dead = await Promise.all(open.map(async (run) => ((await liveness.probe(run)) === "dead" ? [run] : [])));
  await liveness.close();
  return new Set(dead.flat());
}

export function interruptedNote(context: CommandContext, run: RunId | string): string {
  return `No process works on it any more: ${nextCommand(context, `resume ${run}`)} goes on with it.`;
}
