import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { CloudFunction } from "./cloud-function.ts";
import { setLatestEvents } from "./event-settings.ts";
import type { Settings } from "./settings.ts";
import type { Stores } from "./stores.ts";

export interface SweeperProps {
  readonly code: Code;
  readonly stores: Stores;
  readonly environment: Readonly<Record<string, string>>;
  /** The functions whose versions it removes. */
  readonly pinned: readonly CloudFunction[];
}

/** Each minute wakes the runs that are due, and removes versions that no run needs. */
export class Sweeper extends CloudFunction {
  constructor(scope: Construct, id: string, { code, stores, environment, pinned }: SweeperProps, settings: Settings) {
    const description = "Skein: wakes runs that are due, removes versions that no run needs";
    super(scope, id, { code, module: "sweeper", description, memoryMb: 256, timeout: Duration.minutes(1), environment }, settings);
    stores.grantLook(this);
    this.allow(
      ["lambda:ListVersionsByFunction"],
      pinned.map((one) => one.function.functionArn),
    );
    this.allowOnVersions(["lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig"], pinned);
    // The next one comes in a minute, and does what this one left.
    setLatestEvents(this.function, { maxAge: Duration.minutes(1), retries: 0 });
    const rule = new Rule(this, "Rule", {
      description,
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(this.function)],
    });
    this.precedes(rule);
  }
}
