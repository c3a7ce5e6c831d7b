import { Duration } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { CloudFunction } from "./cloud-function.ts";
import { setLatestEvents } from "./event-settings.ts";
import type { Settings } from "./settings.ts";
import type { Stores } from "./stores.ts";

export interface ApiFunctionProps {
  readonly code: Code;
  readonly stores: Stores;
  readonly environment: Readonly<Record<string, string>>;
  /** The functions whose logs are those of runs. */
  readonly loggers: readonly CloudFunction[];
}

/** API Gateway waits no longer than this. */
const timeout = Duration.seconds(29);

/** Answers the HTTP API, and starts what a schedule asks for. */
export class ApiFunction extends CloudFunction {
  constructor(scope: Construct, id: string, { code, stores, environment, loggers }: ApiFunctionProps, settings: Settings) {
    const description = "Skein: answers the HTTP API, starts scheduled runs";
    // A processor's half: who waits for an answer waits for the catalogue to be loaded, too.
    super(scope, id, { code, module: "api", description, memoryMb: 1024, timeout, environment }, settings);
    stores.grantControl(this);
    this.allow(
      ["logs:FilterLogEvents"],
      loggers.map((one) => one.logs.logGroupArn),
    );
    // Events come from schedules. The same start twice is one run, so that Lambda may try again; what fails even so is put aside.
    setLatestEvents(this.function, { maxAge: Duration.hours(1), retries: 2, onFailure: stores.messages.deadLetters });
  }
}
