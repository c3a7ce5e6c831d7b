import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { CloudFunction } from "./cloud-function.ts";
import type { HttpApi } from "./http-api.ts";
import type { Stores } from "./stores.ts";

export interface AlarmsProps {
  /** Told of each alarm, and of its end. Default: nobody is. */
  readonly topic?: ITopic;
}

export interface Watched {
  readonly stores: Stores;
  readonly orchestrator: CloudFunction;
  readonly sweeper: CloudFunction;
  readonly http: HttpApi;
}

interface Condition {
  readonly description: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** Default: at least the threshold. */
  readonly comparison?: ComparisonOperator;
  readonly missing?: TreatMissingData;
}

const period = Duration.minutes(5);
const sum = { period, statistic: "Sum" };
const maximum = { period, statistic: "Maximum" };
/** SQS holds a message back for 15 minutes at most; twice that is nobody who takes it. */
const oldestSeconds = 1800;

/** Alarms for what needs a person. Steps that fail are the business of their runs, and raise none. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { stores: { messages }, orchestrator, sweeper, http }: Watched, { topic }: AlarmsProps) {
    super(scope, id);
    const conditions: Readonly<Record<string, Condition>> = {
      DeadLetters: {
        description: "Messages or scheduled starts could not be handled, and wait in the dead-letter queue.",
        metric: messages.deadLetters.metricApproximateNumberOfMessagesVisible(maximum),
        threshold: 1,
      },
      OldestMessage: {
        description: "The queue of delays and failures is not emptied.",
        metric: messages.queue.metricApproximateAgeOfOldestMessage(maximum),
        threshold: oldestSeconds,
      },
      OrchestratorErrors: {
        description: "Turns crash, time out or run out of memory. Runs go on by themselves, and fail where it happens again and again.",
        metric: orchestrator.function.metricErrors(sum),
        threshold: 1,
      },
      OrchestratorThrottles: {
        description: "Turns wait: the account or the reserved concurrency is too small.",
        metric: orchestrator.function.metricThrottles(sum),
        threshold: 1,
      },
      SweeperSilent: {
        description: "The sweeper does not run: what gets lost stays lost.",
        metric: sweeper.function.metricInvocations(sum),
        threshold: 1,
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        missing: TreatMissingData.BREACHING,
      },
      SweeperErrors: {
        description: "The sweeper fails more often than not.",
        metric: sweeper.function.metricErrors(sum),
        threshold: 3,
      },
      ApiErrors: {
        description: "The HTTP API answers with 5xx.",
        metric: http.api.metricServerError(sum),
        threshold: 1,
      },
    };
    for (const [name, { description, metric, threshold, comparison, missing }] of Object.entries(conditions)) {
      const alarm = new Alarm(this, name, {
        alarmDescription: `Skein: ${description}`,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
      });
      if (topic === undefined) continue;
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }
}
