import { sweep } from "../src/engine/sweep.ts";
import { Cloud } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { LambdaTurnQueue } from "../src/adapters/aws/lambda-turn-queue.ts";
import { versionOf } from "./pinned.ts";

const environment = readEnvironment();
const cloud = new Cloud(environment);

/** Wakes the runs that are due: each minute, one query. */
export async function handler(): Promise<void> {
  const { state, clock, lambda, delays } = cloud;
  const turns = new LambdaTurnQueue({ lambda, clock, delays, targetOf: (run) => versionOf(run, cloud) });
  await sweep({ state, clock, turns }, (run, error) => console.error(`Run ${run} could not be woken:`, error));
}
