import { Lazy, RemovalPolicy } from "aws-cdk-lib";
import type { Duration } from "aws-cdk-lib";
import { CfnEventInvokeConfig, CfnVersion } from "aws-cdk-lib/aws-lambda";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** What becomes of events, that is asynchronous invocations, of a function. */
export interface EventSettings {
  /** How long one may wait at Lambda. */
  readonly maxAge: Duration;
  /** How often Lambda itself tries a failed one again. */
  readonly retries: number;
  /** Where Lambda tells of one that failed. */
  readonly onFailure?: IQueue;
}

/**
 * Publishes a function as it is deployed now, with event settings of its own: those belong to one version. Both have ids that change with
 * the function, and stay when a later deployment does not name them any more: runs that began on them need them. The sweeper removes them
 * when no run does.
 * @returns the version's ARN
 */
export function publishVersion(published: LambdaFunction, events: EventSettings): string {
  const version = published.currentVersion;
  version.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const resource = version.node.defaultChild;
  if (!(resource instanceof CfnVersion)) throw new Error("aws-cdk-lib makes versions in a way that Skein does not know.");
  const settings = setEvents(published, version.version, events);
  settings.overrideLogicalId(Lazy.uncachedString({ produce: (context) => `${String(context.resolve(resource.logicalId))}Events` }));
  settings.applyRemovalPolicy(RemovalPolicy.RETAIN);
  return version.functionArn;
}

/** For functions that are not pinned, and invoked without a version. */
export function setLatestEvents(latest: LambdaFunction, events: EventSettings): void {
  setEvents(latest, "$LATEST", events);
}

function setEvents(of: LambdaFunction, qualifier: string, { maxAge, retries, onFailure }: EventSettings): CfnEventInvokeConfig {
  return new CfnEventInvokeConfig(of, "Events", {
    functionName: of.functionName,
    qualifier,
    maximumRetryAttempts: retries,
    maximumEventAgeInSeconds: maxAge.toSeconds(),
    ...(onFailure === undefined ? {} : { destinationConfig: { onFailure: { destination: onFailure.queueArn } } }),
  });
}
