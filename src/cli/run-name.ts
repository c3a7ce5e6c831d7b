import { nearest } from "../define/near-name.ts";
import { SkeinError } from "../model/error.ts";
import { parseRunId, type RunId } from "../model/id.ts";

/** Runs among which one is looked for by a part of its id. */
const searched = 1_000;

/** What there is to find. */
interface KnownRuns {
  has(id: RunId): Promise<boolean>;
  /** Ids, newest first. */
  newest(limit: number): Promise<readonly string[]>;
}

/**
 * The run that is meant: by its id, by the beginning of it (if no other of the newest 1,000 begins so), or by `latest`.
 *
 * @throws SkeinError `unknown_run`
 */
export async function findRun(name: string, runs: KnownRuns): Promise<string> {
  const id = parseRunId(name);
  if (id !== undefined && (await runs.has(id))) return id;
  const ids = await runs.newest(name === "latest" ? 1 : searched);
  const matching = name === "latest" ? ids : ids.filter((known) => known.startsWith(name));
  if (matching.length === 1 && matching[0] !== undefined) return matching[0];
  throw new SkeinError("unknown_run", matching.length > 1 ? severalRuns(name, matching) : noRun(name, ids));
}

function severalRuns(name: string, ids: readonly string[]): string {
  return `${ids.length} runs begin with "${name}", among them ${ids.slice(0, 3).join(", ")}: write more of the id.`;
}

function noRun(name: string, ids: readonly string[]): string {
  const near = nearest(name, ids);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  return `There is no run "${name}" here.${hint} "skein runs" lists them; "latest" stands for the newest.`;
}
