import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection, Vpc } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { AlarmsProps } from "./alarms.ts";
import type { BundledFiles } from "./bundled-files.ts";
import type { BundlingOptions } from "./bundle.ts";
import type { HttpApiAuth, Throttle } from "./http-api.ts";
import type { OrchestratorSize } from "./orchestrator.ts";
import type { PipelineSchedule } from "./scheduled-start.ts";
import type { StepOperatorSize } from "./step-operators.ts";

export interface SkeinProps extends CodeProps, TimingProps, AccessProps, PlacementProps {
  /** Size classes of step operators, by names that steps may ask for. Default `small` (512 MB), `medium` (1,769) and `large` (3,008). */
  readonly operators?: Readonly<Record<string, StepOperatorSize>>;
  readonly orchestrator?: OrchestratorSize;
  /** Runs that start by the clock. */
  readonly schedules?: readonly PipelineSchedule[];
  /** What needs a person raises an alarm. Default: alarms that nobody is told of; false: none. */
  readonly alarms?: AlarmsProps | false;
  /** Text outputs up to this many bytes stay in their step's row, and need no object. Default 0. */
  readonly inlineValues?: number;
  /**
   * Who finishes the only outstanding step takes the run's next turn itself, which saves an invocation and its delay. Step operators then
   * run the pipeline function too, and what it may do they must be let do. Only operators of at most twice the orchestrator's memory: in
   * larger ones a turn would cost more than it saves. Default false.
   */
  readonly baton?: boolean;
  /**
   * Any text: with another one all functions get new versions, though nothing else has changed. Needed where a deployment was rolled back
   * after it had published its versions: they stay, and Lambda does not publish the same once more.
   */
  readonly release?: string;
  /** Each invocation logs what it asked of AWS. Default false. */
  readonly countRequests?: boolean;
}

interface CodeProps {
  /** Path of the file that defines the steps and pipelines, or imports the modules that do. */
  readonly catalogue: string;
  /**
   * Files and folders that steps read: their places beside the functions' code → where they are on this machine. A module of the catalogue
   * finds them from its `import.meta.dirname`.
   */
  readonly files?: BundledFiles;
  readonly bundling?: BundlingOptions;
}

interface TimingProps {
  /**
   * How long the rows of a run stay after the longest time that it may take, 90 days. Its artifacts stay for this time longer, since a run
   * at the end of it may still take them over from the cache. Default 90 days.
   */
  readonly retention?: Duration;
  /** How long logs stay. Default three months. */
  readonly logRetention?: RetentionDays;
  /** How long a turn lingers for outcomes before it suspends. Default 0: a second of it costs as much as a dozen wakes. */
  readonly hotWait?: Duration;
  /** How long an invocation may wait at Lambda, as it does when all that an account may run does. Default 5 minutes; a minute to 6 hours. */
  readonly maxEventAge?: Duration;
  /** What was launched and has not begun after this time counts as lost, and is launched again. Default `maxEventAge` and a minute. */
  readonly lostAfter?: Duration;
  /** How soon the sweeper first looks after a run, and how long it takes at least until it does again. Default a minute. */
  readonly sweepAfter?: Duration;
  /** How long versions that no run needs stay after their successors were published. Default a day. */
  readonly keepVersions?: Duration;
}

interface AccessProps {
  /** How callers of the HTTP API show who they are: `iam` by a signature with AWS credentials, `apiKey` by a key in `x-api-key`. Default `iam`. */
  readonly auth?: HttpApiAuth;
  /** What the HTTP API takes. Default 50 requests a second, 100 at once. */
  readonly throttle?: Throttle;
  /**
   * Whether API Gateway is given a role to write logs with, which is a setting of a whole account in a region: false where it has been
   * given one. Default true.
   */
  readonly apiLogRole?: boolean;
  /** Begins the names of the stack's outputs, for a second Skein in one stack. Default "". */
  readonly outputPrefix?: string;
}

interface PlacementProps {
  /** A network for the functions: from it they must reach DynamoDB, S3, Lambda, SQS and CloudWatch Logs. Default: none. */
  readonly vpc?: IVpc | Vpc;
  /** Default: the network's private ones. */
  readonly subnets?: SubnetSelection;
  /** Default: one of its own, which lets nobody in. */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Encrypts table, bucket, queues, logs and the functions' environment. A key from elsewhere must let CloudWatch Logs use it. What an
   * earlier key has encrypted, the functions' roles must still be let decrypt with it. Default: the services' own keys.
   */
  readonly encryptionKey?: IKey;
  /** What happens to table, bucket and logs when they leave the stack. Default `RETAIN`: no deployment loses data. */
  readonly removalPolicy?: RemovalPolicy;
  /** Of all resources. */
  readonly tags?: Readonly<Record<string, string>>;
}
