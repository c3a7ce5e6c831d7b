import { LambdaTurnQueue } from "../src/adapters/aws/lambda-turn-queue.ts";
import { SkeinError } from "../src/model/error.ts";
import type { RunId } from "../src/model/id.ts";
import type { TurnQueue } from "../src/ports/turn-queue.ts";
import type { Cloud } from "./cloud.ts";

/** The version that new runs are pinned to. */
export function currentVersion({ environment }: Pick<Cloud, "environment">): { readonly arn: string; readonly version: string } {
  const arn = environment.orchestrator;
  const version = arn?.split(":").at(-1);
  if (arn === undefined || version === undefined) throw new Error("This function has not been told of the orchestrator.");
  return { arn, version };
}

/** Qualified ARN of the orchestrator's version that the run belongs to (I10). */
function orchestratorAt(codeVersion: string, cloud: Pick<Cloud, "environment">): string {
  const { arn } = currentVersion(cloud);
  return `${arn.slice(0, arn.lastIndexOf(":"))}:${codeVersion}`;
}

/** Wakes any run at its own version, for those that a message did not tell it. */
export function turnsOfAnyRun(cloud: Cloud): TurnQueue {
  const { lambda, delays, clock } = cloud;
  return new LambdaTurnQueue({ lambda, delays, clock, targetOf: (run) => versionOf(run, cloud) });
}

/** As `orchestratorAt`, of a run that has to be read. */
async function versionOf(run: RunId, cloud: Pick<Cloud, "environment" | "state">): Promise<string> {
  const record = await cloud.state.readRun(run);
  if (record === undefined) throw new SkeinError("unknown_run", `there is no run ${run}`);
  return orchestratorAt(record.codeVersion, cloud);
}
