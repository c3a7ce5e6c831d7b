import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { StateTable } from "../../infra/state-table.ts";
import { createTableRequest, expiryAttribute } from "../../src/adapters/aws/dynamodb-schema.ts";
import { actionsOfExport } from "./command-actions.ts";
import { actionsOn, aFunctionsRole, arnOf, commandsSentTo, grantedIn, onlyOne, templateOf } from "./template.ts";

const tableIn = (template: Template) => onlyOne(template, "AWS::DynamoDB::Table");

const withKey = (stack: Stack) => new StateTable(stack, "State", { encryptionKey: new Key(stack, "Key") });

describe("the state table", () => {
  const template = templateOf((stack) => new StateTable(stack, "State"));

  it("has the keys, indexes and billing that the store's own request says", () => {
    const { TableName: _, AttributeDefinitions: attributes, ...schema } = createTableRequest("any");
    const { AttributeDefinitions: made, ...properties } = tableIn(template).Properties;
    expect(properties).toMatchObject(schema);
    const names = (list: unknown) =>
      (list as { AttributeName: string }[]).toSorted((a, b) => a.AttributeName.localeCompare(b.AttributeName));
    expect(names(made)).toEqual(names(attributes));
  });

  it("says nothing of a schema but that", () => {
    const known = new Set([
      ...Object.keys(createTableRequest("any")),
      "PointInTimeRecoverySpecification",
      "SSESpecification",
      "TimeToLiveSpecification",
    ]);
    expect(Object.keys(tableIn(template).Properties).filter((name) => !known.has(name))).toEqual([]);
  });

  it("lets rows expire", () => {
    expect(tableIn(template).Properties).toMatchObject({ TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true } });
  });

  it("can be restored to any moment", () => {
    expect(tableIn(template).Properties).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
  });

  it("is encrypted with the account's key of DynamoDB", () => {
    expect(tableIn(template).Properties["SSESpecification"]).toEqual({ SSEEnabled: true });
  });

  it("is encrypted with the key that it is given", () => {
    const keyed = templateOf(withKey);
    const sse = { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: arnOf(keyed, "AWS::KMS::Key") };
    expect(tableIn(keyed).Properties["SSESpecification"]).toEqual(sse);
  });

  it("outlives its stack, also where a deployment replaces it", () => {
    expect(tableIn(template)).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
  });

  it("goes with its stack where that is asked for", () => {
    const passing = templateOf((stack) => new StateTable(stack, "State", { removalPolicy: RemovalPolicy.DESTROY }));
    expect(tableIn(passing)).toMatchObject({ DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" });
  });
});

describe("a function that may use state", () => {
  const readWrite = templateOf((stack) => new StateTable(stack, "State").grantReadWrite(aFunctionsRole(stack)));
  const read = templateOf((stack) => new StateTable(stack, "State").grantRead(aFunctionsRole(stack)));

  it("may send each command that the store sends, and nothing else", () => {
    const commands = commandsSentTo("@aws-sdk/client-dynamodb");
    expect(commands).toContain("PutItemCommand");
    const needed = commands.flatMap(actionsOfExport);
    expect(actionsOn("dynamodb", grantedIn(readWrite))).toEqual([...new Set(needed)].toSorted());
  });

  it("may not write where it was only let read", () => {
    expect(actionsOn("dynamodb", grantedIn(read))).toEqual(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]);
  });

  it.each([
    ["reader", read],
    ["writer", readWrite],
  ])("reaches this table and its two indexes alone, without wildcards: %s", (_, template) => {
    const arn = arnOf(template, "AWS::DynamoDB::Table");
    const index = (name: string) => ({ "Fn::Join": ["", [arn, `/index/${name}`]] });
    for (const { Effect, Resource } of grantedIn(template)) {
      expect(Effect).toBe("Allow");
      expect([[arn, index("listing"), index("due")], arn]).toContainEqual(Resource);
    }
  });

  it("may use the table's key as far as it uses the table", () => {
    const keys = (grant: (table: StateTable, stack: Stack) => void) =>
      actionsOn("kms", grantedIn(templateOf((stack) => grant(withKey(stack), stack))));
    expect(keys((table, stack) => table.grantRead(aFunctionsRole(stack)))).toEqual(["kms:Decrypt", "kms:DescribeKey"]);
    expect(keys((table, stack) => table.grantReadWrite(aFunctionsRole(stack)))).toEqual([
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]);
    expect(actionsOn("kms", grantedIn(readWrite))).toEqual([]);
  });
});
