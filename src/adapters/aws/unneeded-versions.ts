import type { FunctionVersion } from "./function-versions.ts";

/** A function and its published versions, the oldest first. */
export interface PublishedFunction {
  readonly name: string;
  readonly versions: readonly FunctionVersion[];
}

/** What keeps versions. */
export interface VersionNeeds {
  /** Versions of the orchestrator that runs in flight were started on, and the one that new runs get. */
  readonly runs: ReadonlySet<string>;
  /** A version stays for so long after the next one was published: somebody who knew only the old one may just be starting a run on it. */
  readonly keepMs: number;
  readonly now: number;
}

/** The orchestrator's versions that no run needs any more (I10). */
export function unneededOrchestrators({ versions }: PublishedFunction, needs: VersionNeeds): readonly FunctionVersion[] {
  return superseded(versions, needs).filter(({ version }) => !needs.runs.has(version));
}

/** A step operator's versions that none of the orchestrator's remaining versions names; none while it is unknown what one of these names. */
export function unneededOperators(
  { versions }: PublishedFunction,
  remaining: readonly FunctionVersion[],
  needs: VersionNeeds,
): readonly FunctionVersion[] {
  if (remaining.some(({ environment }) => environment === undefined)) return [];
  const named = remaining.flatMap(({ environment = {} }) => Object.values(environment)).join("\n");
  return superseded(versions, needs).filter(({ arn }) => !named.includes(`${arn}"`));
}

/** Never the newest one: a deployment publishes the operators' versions before the orchestrator's that names them. */
function superseded(versions: readonly FunctionVersion[], { keepMs, now }: VersionNeeds): readonly FunctionVersion[] {
  return versions.filter((_, i) => {
    const next = versions[i + 1];
    return next !== undefined && next.lastModified + keepMs < now;
  });
}
