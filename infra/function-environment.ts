import { Duration } from "aws-cdk-lib";
import { variables } from "../handlers/env.ts";
import { defaultMemoryMb } from "./orchestrator.ts";
import type { SkeinProps } from "./skein-props.ts";

/** What all functions are told of a deployment's settings; what is left out they know themselves. */
export function functionEnvironment(props: SkeinProps, maxEventAge: Duration): Readonly<Record<string, string>> {
  const { baton, bundling, countRequests, hotWait, inlineValues, lostAfter, orchestrator, retention, sweepAfter } = props;
  if (inlineValues !== undefined && (!Number.isInteger(inlineValues) || inlineValues < 0))
    throw new Error(`inlineValues: ${inlineValues} is no number of bytes.`);
  return defined([
    [variables.retentionMs, retention],
    [variables.hotWaitMs, hotWait],
    [variables.inlineValues, inlineValues],
    [variables.lostAfterMs, lostAfter ?? maxEventAge.plus(Duration.minutes(1))],
    [variables.sweepMs, sweepAfter],
    [variables.baton, baton === true ? 2 * (orchestrator?.memoryMb ?? defaultMemoryMb) : undefined],
    [variables.countRequests, countRequests === true ? 1 : undefined],
    ["NODE_OPTIONS", bundling?.sourceMaps === true ? "--enable-source-maps" : undefined],
  ]);
}

/** What only the sweeper is told: with another value, nothing else gets a new version. */
export function sweeperEnvironment({ keepVersions }: SkeinProps): Readonly<Record<string, string>> {
  return defined([[variables.keepVersionsMs, keepVersions]]);
}

function defined(
  given: readonly (readonly [name: string, value: Duration | number | string | undefined])[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, textOf(value)]])));
}

function textOf(value: Duration | number | string): string {
  return String(value instanceof Duration ? value.toMilliseconds() : value);
}
