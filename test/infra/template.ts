import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { sourceFiles } from "../laws/source-file.ts";

/** A stack with what `build` puts into it, as the template that would be deployed. */
export function templateOf(build: (stack: Stack) => void): Template {
  const stack = new Stack(new App(), "Test");
  build(stack);
  return Template.fromStack(stack);
}

export interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The only resource of a type, with the id that others refer to. */
export function onlyOne(template: Template, type: string): Resource & { readonly id: string } {
  const [found, ...others] = Object.entries(template.findResources(type));
  if (found === undefined || others.length > 0)
    throw new Error(`the template has ${others.length + Number(found !== undefined)} of ${type}`);
  const [id, resource] = found;
  return { id, Properties: {}, ...resource };
}

export function arnOf(template: Template, type: string) {
  return { "Fn::GetAtt": [onlyOne(template, type).id, "Arn"] };
}

export function aFunctionsRole(stack: Stack): Role {
  return new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** All statements of policies that hang on roles. */
export function grantedIn(template: Template): readonly Statement[] {
  const policies = Object.values(template.findResources("AWS::IAM::Policy"));
  return policies.flatMap((policy): readonly Statement[] => policy["Properties"].PolicyDocument.Statement);
}

/** The actions that statements allow on one kind of thing (`dynamodb`), sorted. */
export function actionsOn(service: string, statements: readonly Statement[]): readonly string[] {
  const all = statements.flatMap((statement) => statement.Action);
  return [...new Set(all)].filter((action) => action.startsWith(`${service}:`)).toSorted();
}

/** The commands of an SDK package that the AWS adapters send: the names of those that they import. */
export function commandsSentTo(packageName: string): readonly string[] {
  const imports = sourceFiles("src/adapters/aws").flatMap((file) => file.imports.filter((i) => i.target === packageName));
  return [...new Set(imports.flatMap((i) => i.names))].filter((name) => /Command$|^Upload$/.test(name));
}
