import { sweep } from "../src/engine/sweep.ts";
import { Cloud } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { turnsOfAnyRun } from "./pinned.ts";
import { removeUnneededVersions } from "./version-cleaning.ts";

const cloud = await Cloud.open(readEnvironment());

/** What EventBridge sends each minute; `cleans` asks for the removal of versions now instead of at the next full hour. */
export interface SweepEvent {
  readonly time?: string;
  readonly cleans?: boolean;
}

/** Each minute wakes the runs that are due, by one query; each hour removes versions that no run needs. */
export async function handler({ time, cleans }: SweepEvent = {}): Promise<{ readonly removedVersions: readonly string[] }> {
  const { state, clock } = cloud;
  const turns = turnsOfAnyRun(cloud);
  return cloud.restAfter(async () => {
    await sweep({ state, clock, turns }, (run, error) => cloud.complain(`run ${run} could not be woken`, error));
    const isFullHour = time !== undefined && new Date(time).getUTCMinutes() === 0;
    return { removedVersions: cleans === true || isFullHour ? await removeUnneededVersions(cloud) : [] };
  });
}
