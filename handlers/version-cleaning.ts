import type { FunctionVersion } from "../src/adapters/aws/function-versions.ts";
import { unneededOperators, unneededOrchestrators } from "../src/adapters/aws/unneeded-versions.ts";
import { SkeinError } from "../src/model/error.ts";
import type { Cloud } from "./cloud.ts";
import { currentVersion } from "./pinned.ts";

/**
 * Removes published versions that no run needs (I10), and answers which. Nothing is read of runs where no version is old enough. Operators'
 * versions stay, and that is complained of, while Lambda cannot tell what a version of the orchestrator names.
 */
export async function removeUnneededVersions(cloud: Cloud): Promise<readonly string[]> {
  const { environment, lambda, clock } = cloud;
  const { FunctionVersions } = await import("../src/adapters/aws/function-versions.ts");
  const published = new FunctionVersions(await lambda());
  const [orchestrator, ...operators] = await Promise.all(
    environment.loggers.map(async (name) => ({ name, versions: await published.list(name) })),
  );
  if (orchestrator === undefined) return [];
  const needs = { keepMs: environment.keepVersionsMs, now: clock.now(), runs: new Set([currentVersion(cloud).version]) };
  const isAnyOld = unneededOrchestrators(orchestrator, needs).length > 0;
  const runs = isAnyOld ? new Set([...needs.runs, ...(await versionsInFlight(cloud))]) : needs.runs;
  const old = isAnyOld ? unneededOrchestrators(orchestrator, { ...needs, runs }) : [];
  const remaining = orchestrator.versions.filter((version) => !old.includes(version));
  for (const version of remaining) complainOfUnreadable(version, cloud);
  const removed = [
    ...old.map(({ version, arn }) => ({ name: orchestrator.name, version, arn })),
    ...operators.flatMap((operator) =>
      unneededOperators(operator, remaining, needs).map(({ version, arn }) => ({ name: operator.name, version, arn })),
    ),
  ];
  for (const { name, version } of removed) await published.remove(name, version);
  return removed.map(({ arn }) => arn);
}

function complainOfUnreadable({ arn, environment, unreadable }: FunctionVersion, cloud: Cloud): void {
  if (environment !== undefined) return;
  const what = `Lambda cannot read the environment of ${arn} (${unreadable}), which names the operators' versions that its runs need`;
  const help = "enable the key that encrypts it, and let the sweeper's role decrypt with it (kms:Decrypt)";
  const error = new SkeinError("operator_unavailable", `${what}; ${help}`, { data: { function: arn } });
  cloud.complain("no operator's version is removed", error);
}

async function versionsInFlight({ state }: Cloud): Promise<readonly string[]> {
  const versions = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const page = await state.listRuns({ ended: "no", limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { codeVersion } of page.items) versions.add(codeVersion);
    if (page.cursor === undefined) return [...versions];
    cursor = page.cursor;
  }
}
