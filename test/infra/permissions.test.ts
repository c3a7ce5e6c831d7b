import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { reached } from "../laws/import-law.ts";
import { sourceFiles } from "../laws/source-file.ts";
import { actionsOfExport } from "./command-actions.ts";
import { functionsIn, resources, skeinTemplate, statementsOf } from "./skein-template.ts";
import type { Statement } from "./template.ts";

const modules = { Orchestrator: "orchestrator", Operatorssmall: "step-operator", Relay: "relay", Sweeper: "sweeper", Api: "api" } as const;
type Name = keyof typeof modules;
const names = Object.keys(modules) as Name[];

/** Beside what its code sends: what Lambda does in a function's name. */
const byLambda: Readonly<Record<Name, readonly string[]>> = {
  Orchestrator: [],
  Operatorssmall: [],
  Relay: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
  Sweeper: [],
  Api: [],
};

const objectWrites = ["s3:AbortMultipartUpload", "s3:PutObject"];
const stateWrites = ["dynamodb:BatchWriteItem", "dynamodb:PartiQLInsert", "dynamodb:PutItem", "dynamodb:UpdateItem"];
/** What a module that a function loads could send, and this function never does. */
const neverDone: Readonly<Record<Name, readonly string[]>> = {
  Orchestrator: [],
  Operatorssmall: [],
  Relay: [],
  // It looks for runs that are due; the turns that it wakes read and write.
  Sweeper: [...stateWrites, ...objectWrites, "s3:GetObject", "s3:ListBucket", "sqs:SendMessage"],
  // Artifacts are made by steps.
  Api: objectWrites,
};

const files = sourceFiles("src", "handlers");
const template = skeinTemplate();

function sentBy(name: Name): readonly string[] {
  const loaded = reached(files, `handlers/${modules[name]}.ts`);
  const imported = files
    .filter((file) => loaded.has(file.path))
    .flatMap((file) => file.imports.filter((i) => i.target.startsWith("@aws-sdk/")));
  const commands = imported.flatMap((i) => i.names).filter((one) => /Command$|^Upload$/.test(one));
  return commands.flatMap(actionsOfExport);
}

const actionsIn = (statements: readonly Statement[]) => [...new Set(statements.flatMap(({ Action }) => Action))].toSorted();
const writesLogs = ["logs:CreateLogStream", "logs:PutLogEvents"];

describe("a function", () => {
  it.each(names)("may do what its code and Lambda do in its name, and nothing else: %s", (name) => {
    const expected = [...sentBy(name), ...byLambda[name], ...writesLogs].filter((action) => !neverDone[name].includes(action));
    expect(expected.length).toBeGreaterThan(4);
    expect(actionsIn(statementsOf(template, name))).toEqual([...new Set(expected)].toSorted());
  });

  it.each(names)("is let do, and denied nothing, and no action has a wildcard: %s", (name) => {
    for (const { Effect, Action } of statementsOf(template, name)) {
      expect(Effect).toBe("Allow");
      expect([Action].flat().filter((action) => action.includes("*"))).toEqual([]);
    }
  });

  it.each(names)(
    "reaches resources of its own stack, by wildcards only all versions of a function and all objects of the bucket: %s",
    (name) => {
      const open = statementsOf(template, name)
        .flatMap(({ Resource }) => [Resource].flat())
        .map((resource) => JSON.stringify(resource));
      expect(open.filter((resource) => !resource.includes("Fn::GetAtt"))).toEqual([]);
      const wildcards = open.filter((resource) => resource.includes("*"));
      expect(
        wildcards.filter((resource) => !/Function[0-9A-F]{8}","Arn"\]\},":\*"|Bucket[0-9A-F]{8}","Arn"\]\},"\/\*"/.test(resource)),
      ).toEqual([]);
    },
  );

  const functionsFor = (name: string, action: string) =>
    statementsOf(template, name)
      .filter(({ Action }) => [Action].flat().includes(action))
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) => /Skein(\w+?)Function[0-9A-F]{8}/.exec(JSON.stringify(resource))?.[1])
      .toSorted();
  const pinned = ["Operatorslarge", "Operatorsmedium", "Operatorssmall", "Orchestrator"];

  it.each([
    ["Orchestrator", pinned],
    ["Operatorssmall", pinned],
    ["Relay", pinned],
    ["Sweeper", ["Orchestrator"]],
    ["Api", ["Orchestrator"]],
  ])("invokes versions of what it has to: %s", (name, invoked) => {
    expect(functionsFor(name, "lambda:InvokeFunction")).toEqual(invoked);
  });

  it("that removes versions removes those of pinned functions, and never a function", () => {
    expect(functionsFor("Sweeper", "lambda:DeleteFunction")).toEqual(pinned);
    const removals = statementsOf(template, "Sweeper").filter(({ Action }) => Action.includes("lambda:DeleteFunction"));
    const whole = removals.flatMap(({ Resource }) => [Resource].flat()).filter((resource) => !JSON.stringify(resource).includes('":*"'));
    expect(whole).toEqual([]);
  });

  it("that answers the API puts failed events aside, and sends nothing to the queue", () => {
    const sends = statementsOf(template, "Api").filter(({ Action }) => Action === "sqs:SendMessage");
    expect(sends.map(({ Resource }) => JSON.stringify(Resource).includes("DeadLetters"))).toEqual([true]);
  });

  it("reads logs of runs alone", () => {
    const groups = statementsOf(template, "Api").find(({ Action }) => Action === "logs:FilterLogEvents")?.Resource as readonly unknown[];
    expect(groups.map((group) => /Skein(\w+)Logs/.exec(JSON.stringify(group))?.[1]).toSorted()).toEqual(pinned);
  });
});

describe("policies", () => {
  it("with functions in them stand beside the roles: functions wait for their roles, and would wait for each other", () => {
    const inRoles = Object.entries(resources(template, "AWS::IAM::Policy")).filter(([id]) => id.includes("RoleDefaultPolicy"));
    expect(inRoles.filter(([, policy]) => JSON.stringify(policy).includes("lambda:InvokeFunction"))).toEqual([]);
  });

  it("let whoever runs a function by itself wait for it to be able to", () => {
    const waiting = { "AWS::Lambda::EventSourceMapping": "Relay", "AWS::Events::Rule": "Sweeper", "AWS::ApiGateway::Method": undefined };
    for (const [type, name] of Object.entries(waiting)) {
      if (name === undefined) continue;
      const [trigger] = Object.values(template.findResources(type)) as { DependsOn?: readonly string[] }[];
      expect(trigger?.DependsOn?.some((id) => id.startsWith(`Skein${name}Policy`))).toBe(true);
    }
  });
});

describe("with a key, a function", () => {
  const keyed = skeinTemplate((stack) => ({ encryptionKey: new Key(stack, "Key") }));
  const keyActions = (name: string) => actionsIn(statementsOf(keyed, name)).filter((action) => action.startsWith("kms:"));

  it("may use it as far as it uses what the key encrypts", () => {
    const all = [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ];
    expect(keyActions("Orchestrator")).toEqual(all);
    expect(keyActions("Sweeper")).toEqual(["kms:Decrypt", "kms:DescribeKey"]);
  });

  it("needs none of it without", () => {
    for (const name of Object.keys(functionsIn(template))) expect(JSON.stringify(statementsOf(template, name))).not.toContain("kms:");
  });
});
