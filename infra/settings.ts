import type { RemovalPolicy } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";

/** What all functions of a deployment have in common. */
export interface Settings {
  readonly environment: Readonly<Record<string, string>>;
  readonly encryptionKey?: IKey;
  readonly network?: Network;
  /** Part of their descriptions, and so of what makes their versions. */
  readonly release?: string;
  readonly logRetention: RetentionDays;
  readonly logRemoval: RemovalPolicy;
}

export interface Network {
  readonly vpc: IVpc;
  readonly subnets?: SubnetSelection;
  readonly securityGroups: readonly ISecurityGroup[];
}
