import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { IVpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { maxDurationMs } from "../handlers/env.ts";
import { functionEnvironment } from "./function-environment.ts";
import type { Network, Settings } from "./settings.ts";
import type { SkeinProps } from "./skein-props.ts";
import type { Stores } from "./stores.ts";

const defaultRetention = Duration.days(90);
/** Descriptions of functions have 256. */
const maxRelease = 64;

/** What all functions have in common, with what that needs: a security group, a key that CloudWatch Logs may use. */
export function settingsOf(scope: Construct, props: SkeinProps, stores: Stores): Settings {
  const { encryptionKey, logRetention = RetentionDays.THREE_MONTHS, release, removalPolicy = RemovalPolicy.RETAIN } = props;
  if (release !== undefined && release.length > maxRelease) throw new Error(`release: the text has more than ${maxRelease} characters.`);
  if (encryptionKey !== undefined) letLogsUse(encryptionKey, Stack.of(scope));
  return {
    environment: { ...stores.environment, ...functionEnvironment(props, eventAgeOf(props)) },
    logRetention,
    logRemoval: removalPolicy,
    ...(release === undefined ? {} : { release }),
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
    ...networkOf(scope, props),
  };
}

/**
 * Artifacts outlast every row that names them (R13): a cache row stays for the retention, a run that then takes its artifact over may last
 * as long as runs may, and its rows stay for the retention once more.
 */
export function artifactsLast({ retention = defaultRetention }: SkeinProps): Duration {
  return Duration.days(Math.ceil(Duration.millis(maxDurationMs).toDays() + 2 * retention.toDays({ integral: false })) + 1);
}

/** @throws Error where Lambda has no such age */
export function eventAgeOf({ maxEventAge = Duration.minutes(5) }: SkeinProps): Duration {
  const seconds = maxEventAge.toSeconds();
  if (seconds < 60 || seconds > 21_600) throw new Error(`maxEventAge: Lambda keeps events from a minute to 6 hours, not ${seconds} s.`);
  return maxEventAge;
}

function networkOf(scope: Construct, { vpc: given, subnets, securityGroups }: SkeinProps): { readonly network?: Network } {
  if (given === undefined) return {};
  // The CDK's own class is not of this type where optional properties are taken exactly.
  const vpc = given as IVpc;
  const groups = securityGroups ?? [new SecurityGroup(scope, "Functions", { vpc, description: "Skein: functions, which let nobody in" })];
  return { network: { vpc, securityGroups: groups, ...(subnets === undefined ? {} : { subnets }) } };
}

/** CloudWatch Logs uses a key only where the key itself allows it, and here for log groups of this account and region. */
function letLogsUse(key: IKey, { account, partition, region }: Stack): void {
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      resources: ["*"], // this key
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` } },
    }),
  );
}
