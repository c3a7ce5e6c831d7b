import type { Duration } from "aws-cdk-lib";
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Function as LambdaFunction, RecursiveLoop, Runtime } from "aws-cdk-lib/aws-lambda";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { IConstruct } from "constructs";
import { acknowledge, acknowledgeWildcard } from "./acknowledged.ts";
import type { Network, Settings } from "./settings.ts";

export interface CloudFunctionProps {
  readonly code: Code;
  /** The module of the bundle whose `handler` it is. */
  readonly module: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  /** It invokes, at some remove, itself: Lambda drops an event that has been through one function 16 times, unless it is told not to. */
  readonly isInLoop?: boolean;
}

/** A function with a role of its own, which may do what it is let do here and nothing else, and logs that expire. */
export class CloudFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logs: LogGroup;
  /**
   * What refers to functions is allowed here, beside the role: a function waits for its role and for the policies that belong to it, and
   * two functions that may invoke each other would wait for each other.
   */
  readonly #policy: Policy;

  constructor(scope: Construct, id: string, props: CloudFunctionProps, settings: Settings) {
    super(scope, id);
    const { encryptionKey, network, release } = settings;
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      ...(network === undefined ? {} : { inlinePolicies: { Network: new PolicyDocument({ statements: [networkUse()] }) } }),
    });
    if (network !== undefined) acknowledge(this.role, "IAM5[Resource::*]", "Network interfaces that do not exist yet have no ARN to name.");
    this.function = new LambdaFunction(this, "Function", {
      code: props.code,
      handler: `${props.module}.handler`,
      description: release === undefined ? props.description : `${props.description} (${release})`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { ...settings.environment, ...props.environment },
      role: this.role,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      ...(props.isInLoop === true ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...(encryptionKey === undefined ? {} : { environmentEncryption: encryptionKey }),
      ...(network === undefined ? {} : placeIn(network)),
    });
    this.logs = new LogGroup(this, "Logs", {
      logGroupName: `/aws/lambda/${this.function.functionName}`,
      retention: settings.logRetention,
      removalPolicy: settings.logRemoval,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    });
    this.#policy = new Policy(this, "Policy", { roles: [this.role] });
    this.allow(["logs:CreateLogStream", "logs:PutLogEvents"], [this.logs.logGroupArn]);
    encryptionKey?.grant(this.role, "kms:Decrypt");
  }

  allow(actions: readonly string[], resources: readonly string[]): void {
    this.#policy.addStatements(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  /** Allows actions on all versions of functions, and so not on the functions as such. */
  allowOnVersions(actions: readonly string[], functions: readonly CloudFunction[]): void {
    this.allow(
      actions,
      functions.map((one) => `${one.function.functionArn}:*`),
    );
    for (const one of functions)
      acknowledgeWildcard(this.#policy, one.function, ":*", "A run stays on the versions that it started on, so that all are in use.");
  }

  /** Puts off what makes this function run until it is able to. */
  precedes(trigger: IConstruct): void {
    trigger.node.addDependency(this.#policy, this.logs);
  }
}

/** What Lambda asks of a role before it puts its function into a network. */
function networkUse(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ],
    resources: ["*"],
  });
}

function placeIn({ vpc, subnets, securityGroups }: Network) {
  return { vpc, securityGroups: [...securityGroups], ...(subnets === undefined ? {} : { vpcSubnets: subnets }) };
}
