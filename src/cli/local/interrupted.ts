import { Liveness } from "../../adapters/local/liveness.ts";
import { parseRunId } from "../../model/id.ts";
import type { RunResource } from "../../observe/resources.ts";

/** Those of the runs that have not ended although no process works on them any more. */
export async function findInterrupted(dir: string, runs: readonly Pick<RunResource, "id" | "endedAt">[]): Promise<ReadonlySet<string>> {
  const open = runs.flatMap((run) => (run.endedAt === undefined ? (parseRunId(run.id) ?? []) : []));
  const liveness = new Liveness(dir);
  const dead = await Promise.all(open.map(async (run) => ((await liveness.probe(run)) === "dead" ? [run] : [])));
  await liveness.close();
  return new Set(dead.flat());
}
