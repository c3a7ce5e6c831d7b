import { App, Stack, type StackProps } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { join } from "node:path";
import { Skein, type SkeinProps } from "../../infra/cdk.ts";
import type { Resource, Statement } from "./template.ts";

export const catalogue = join(import.meta.dirname, "fixtures/catalogue.ts");

/** A stack with nothing but Skein, its functions without their code: nothing is bundled. */
export function skeinTemplate(
  make: Omit<SkeinProps, "catalogue"> | ((stack: Stack) => Omit<SkeinProps, "catalogue">) = {},
  stackProps: StackProps = {},
): Template {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] } });
  const stack = new Stack(app, "Test", stackProps);
  new Skein(stack, "Skein", { catalogue, ...(typeof make === "function" ? make(stack) : make) });
  return Template.fromStack(stack);
}

/** Resources of a type by their logical ids. */
export function resources(template: Template, type: string): Readonly<Record<string, Resource>> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The functions, by the names of their constructs. */
export function functionsIn(template: Template): Readonly<Record<string, Resource & { readonly id: string }>> {
  const found = Object.entries(resources(template, "AWS::Lambda::Function"));
  return Object.fromEntries(found.map(([id, resource]) => [/^Skein(.+)Function[0-9A-F]{8}$/.exec(id)?.[1] ?? id, { id, ...resource }]));
}

/** What the role of a function may do, by the name of its construct. */
export function statementsOf(template: Template, name: string): readonly Statement[] {
  const { "Fn::GetAtt": [id] = [] } = (functionsIn(template)[name]?.Properties["Role"] ?? {}) as {
    "Fn::GetAtt"?: readonly [string, string];
  };
  return Object.values(resources(template, "AWS::IAM::Policy")).flatMap(({ Properties }) => {
    const policy = Properties as { Roles: readonly { Ref: string }[]; PolicyDocument: { Statement: readonly Statement[] } };
    return policy.Roles.some(({ Ref }) => Ref === id) ? policy.PolicyDocument.Statement : [];
  });
}
