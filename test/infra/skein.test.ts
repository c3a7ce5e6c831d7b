import { App, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { describe, expect, it } from "vitest";
import { Skein } from "../../infra/cdk.ts";
import { catalogue, resources, skeinTemplate } from "./skein-template.ts";
import { arnOf, onlyOne } from "./template.ts";

const template = skeinTemplate();
const dataTypes = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup"];

describe("Skein", () => {
  it("keeps data when it leaves the stack, and nothing else but versions", () => {
    const kept = Object.entries(template.toJSON()["Resources"] as Record<string, { Type: string; DeletionPolicy?: string }>);
    const types = new Set(kept.filter(([, { DeletionPolicy }]) => DeletionPolicy === "Retain").map(([, { Type }]) => Type));
    const versions = ["AWS::Lambda::Version", "AWS::Lambda::EventInvokeConfig"];
    // The role and the setting are the account's: other APIs may have come to need them.
    const ofTheAccount = ["AWS::ApiGateway::Account", "AWS::IAM::Role"];
    expect([...types].toSorted()).toEqual([...dataTypes, ...versions, ...ofTheAccount].toSorted());
  });

  it("leaves nothing behind where that is asked for", () => {
    const passing = skeinTemplate({ removalPolicy: RemovalPolicy.DESTROY });
    for (const type of dataTypes)
      for (const resource of Object.values(resources(passing, type))) expect(resource).toMatchObject({ DeletionPolicy: "Delete" });
  });

  it.each([
    [undefined, 90 + 2 * 90 + 1],
    [Duration.days(7), 90 + 2 * 7 + 1],
  ])("lets artifacts expire after every row that may name them: retention %s", (retention, ExpirationInDays) => {
    const { Properties } = onlyOne(skeinTemplate(retention === undefined ? {} : { retention }), "AWS::S3::Bucket");
    const rules = (Properties["LifecycleConfiguration"] as { Rules: unknown[] }).Rules;
    expect(rules).toContainEqual({ Id: "expired", Status: "Enabled", ExpirationInDays });
  });

  it("tells where things are, under names that tools can know", () => {
    expect(Object.keys(template.toJSON()["Outputs"]).toSorted()).toEqual([
      "ApiId",
      "ApiUrl",
      "ArtifactBucket",
      "OrchestratorFunction",
      "QueueUrl",
      "StateTable",
    ]);
    const { ApiUrl } = template.toJSON()["Outputs"];
    const api = { Ref: onlyOne(template, "AWS::ApiGateway::RestApi").id };
    const stage = { Ref: onlyOne(template, "AWS::ApiGateway::Stage").id };
    const host = [".execute-api.", { Ref: "AWS::Region" }, ".", { Ref: "AWS::URLSuffix" }, "/"];
    expect(ApiUrl.Value).toEqual({ "Fn::Join": ["", ["https://", api, ...host, stage]] });
  });

  it("stands beside another in one stack, under other names", () => {
    const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
    new Skein(stack, "First", { catalogue });
    expect(() => new Skein(stack, "Second", { catalogue, outputPrefix: "Second" })).not.toThrow();
    expect(Stack.of(stack).resolve(Object.keys(stack.node.children).length)).toBeGreaterThan(1);
  });

  it("encrypts table, bucket and queues with the key that it is given", () => {
    const keyed = skeinTemplate((stack) => ({ encryptionKey: new Key(stack, "Key") }));
    const key = JSON.stringify(arnOf(keyed, "AWS::KMS::Key"));
    for (const type of ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"])
      for (const resource of Object.values(resources(keyed, type))) expect(JSON.stringify(resource)).toContain(key);
  });

  it("puts its tags on all that can have any", () => {
    const tagged = skeinTemplate({ tags: { team: "data" } });
    for (const type of [
      "AWS::DynamoDB::Table",
      "AWS::S3::Bucket",
      "AWS::SQS::Queue",
      "AWS::Lambda::Function",
      "AWS::IAM::Role",
      "AWS::Logs::LogGroup",
    ])
      for (const { Properties } of Object.values(resources(tagged, type)))
        expect(Properties["Tags"]).toContainEqual({ Key: "team", Value: "data" });
  });

  it("says which catalogue is not there", () => {
    const stack = new Stack(new App(), "Test");
    expect(() => new Skein(stack, "Skein", { catalogue: "no/such.ts" })).toThrow(/catalogue: there is no \/.*no\/such\.ts/);
  });
});
