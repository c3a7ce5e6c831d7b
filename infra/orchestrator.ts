import { Duration, Stack } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { variables } from "../handlers/env.ts";
import { CloudFunction } from "./cloud-function.ts";
import { publishVersion } from "./event-settings.ts";
import type { EventSettings } from "./event-settings.ts";
import type { Settings } from "./settings.ts";
import type { StepOperators } from "./step-operators.ts";
import type { Stores } from "./stores.ts";

export const defaultMemoryMb = 512;

export interface OrchestratorSize {
  /**
   * Default 512: turns mostly wait for answers, and a million isolated steps cost 3 dollars so. It is also what inline steps have: up to
   * 1,769 MB, which is one processor, more of it makes them faster.
   */
  readonly memoryMb?: number;
  /** Of one turn; a run takes as many as it needs. Default 15 minutes, the longest that Lambda has. */
  readonly timeout?: Duration;
  /** So many turns at once, whatever else the account runs; further ones wait. Default: what the account has free. */
  readonly reservedConcurrency?: number;
}

export interface OrchestratorProps {
  readonly code: Code;
  readonly size: OrchestratorSize;
  readonly stores: Stores;
  readonly operators: StepOperators;
  readonly events: EventSettings;
}

/** Takes the turns of runs. */
export class Orchestrator extends CloudFunction {
  /** ARN of the version that this deployment publishes; the operators' versions that belong to it are in its environment. */
  readonly version: string;

  constructor(scope: Construct, id: string, { code, size, stores, operators, events }: OrchestratorProps, settings: Settings) {
    const { memoryMb = defaultMemoryMb, timeout = Duration.minutes(15), reservedConcurrency } = size;
    const props = {
      code,
      module: "orchestrator",
      description: "Skein: takes the turns of runs",
      memoryMb,
      timeout,
      isInLoop: true,
      environment: { [variables.operators]: Stack.of(scope).toJsonString(operators.targets) },
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrency }),
    };
    super(scope, id, props, settings);
    stores.grantAll(this);
    this.version = publishVersion(this.function, events);
  }
}
