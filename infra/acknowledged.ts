import { Stack, Validations } from "aws-cdk-lib";
import type { CfnElement } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Says why a rule of cdk-nag's AWS Solutions does not hold here: its checks then pass, here and in the apps of who uses these constructs. */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  Validations.of(construct).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}

/** As `acknowledge`, for the wildcard at the end of one ARN. */
export function acknowledgeWildcard(construct: IConstruct, resource: IConstruct, ending: string, reason: string): void {
  const { defaultChild } = resource.node;
  if (defaultChild === undefined) throw new Error(`${resource.node.path} is no resource`);
  const stack = Stack.of(construct);
  const id: unknown = stack.resolve(stack.getLogicalId(defaultChild as CfnElement));
  acknowledge(construct, `IAM5[Resource::<${String(id)}.Arn>${ending}]`, reason);
}
