import { Stack, Token } from "aws-cdk-lib";
import { CfnRule } from "aws-cdk-lib/aws-events";
import type { Schedule } from "aws-cdk-lib/aws-events";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { CloudFunction } from "./cloud-function.ts";

/** A pipeline that is started by the clock. */
export interface PipelineSchedule {
  readonly pipeline: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule;
  /** Tells it from others, in its runs' tags too. Default: the name of the pipeline. */
  readonly name?: string;
  /** Default true. */
  readonly enabled?: boolean;
}

/** A rule that asks the API's function, at each of its times, to start a run. */
export class ScheduledStart extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { pipeline, params = {}, schedule, name = pipeline, enabled = true }: PipelineSchedule,
    api: CloudFunction,
  ) {
    super(scope, id);
    const what = Object.entries({ schedule: name, pipeline, params }).map(([key, value]) => `"${key}":${this.#json(value)}`);
    const rule = new CfnRule(this, "Rule", {
      description: `Skein: starts ${pipeline}`,
      scheduleExpression: schedule.expressionString,
      state: enabled ? "ENABLED" : "DISABLED",
      targets: [
        {
          id: "Api",
          arn: api.function.functionArn,
          inputTransformer: { inputPathsMap: { time: "$.time" }, inputTemplate: `{"time":<time>,${what.join()}}` },
        },
      ],
    });
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: api.function.functionArn,
      principal: "events.amazonaws.com",
      sourceArn: rule.attrArn,
    });
    api.precedes(permission);
  }

  /** EventBridge takes `<` for the beginning of a place to fill in. */
  #json(value: unknown): string {
    const json = JSON.stringify(value);
    return Token.isUnresolved(json) ? Stack.of(this).toJsonString(value) : json.replaceAll("<", String.raw`\u003c`);
  }
}

/** Schedules by their names. @throws Error where two have the same */
export function byName(schedules: readonly PipelineSchedule[]): ReadonlyMap<string, PipelineSchedule> {
  const named = new Map<string, PipelineSchedule>();
  for (const schedule of schedules) {
    const name = schedule.name ?? schedule.pipeline;
    if (!/^[\w.-]{1,64}$/.test(name)) throw new Error(`schedules: "${name}" is no name: give letters, digits, and _ . -, 64 at most.`);
    if (named.has(name)) throw new Error(`schedules: two are named "${name}": give one of them a name of its own.`);
    named.set(name, schedule);
  }
  return named;
}
