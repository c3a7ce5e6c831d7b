import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, it } from "vitest";
import { functionsIn, resources, skeinTemplate } from "./skein-template.ts";
import { onlyOne } from "./template.ts";

const template = skeinTemplate();
const alarms = Object.values(resources(template, "AWS::CloudWatch::Alarm")).map(({ Properties }) => Properties);
const queueNamed = (isDead: boolean) => {
  const id = Object.keys(resources(template, "AWS::SQS::Queue")).find((one) => one.includes("DeadLetters") === isDead);
  return { Name: "QueueName", Value: { "Fn::GetAtt": [id, "QueueName"] } };
};
const functionNamed = (name: string) => ({ Name: "FunctionName", Value: { Ref: functionsIn(template)[name]?.id } });

describe("an alarm", () => {
  it.each([
    ["a message is put aside", "AWS/SQS", "ApproximateNumberOfMessagesVisible", queueNamed(true), 1],
    ["messages are not taken", "AWS/SQS", "ApproximateAgeOfOldestMessage", queueNamed(false), 1800],
    ["turns crash", "AWS/Lambda", "Errors", functionNamed("Orchestrator"), 1],
    ["turns wait", "AWS/Lambda", "Throttles", functionNamed("Orchestrator"), 1],
    ["the sweeper fails", "AWS/Lambda", "Errors", functionNamed("Sweeper"), 3],
  ])("is raised where %s", (_, Namespace, MetricName, dimension, Threshold) => {
    const alarm = alarms.find(
      (one) => one["MetricName"] === MetricName && JSON.stringify(one["Dimensions"]) === JSON.stringify([dimension]),
    );
    expect(alarm).toMatchObject({
      Namespace,
      Threshold,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      AlarmDescription: expect.stringMatching(/^Skein: /),
    });
  });

  it("is raised where the sweeper does not run, which no figure tells", () => {
    expect(alarms.find((one) => one["MetricName"] === "Invocations")).toMatchObject({
      Dimensions: [functionNamed("Sweeper")],
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
    });
  });

  it("is raised where the API fails", () => {
    const api = onlyOne(template, "AWS::ApiGateway::RestApi").Properties["Name"];
    expect(alarms.find((one) => one["MetricName"] === "5XXError")).toMatchObject({
      Dimensions: [{ Name: "ApiName", Value: api }],
      Threshold: 1,
    });
  });

  it("of the API is of this API alone: its figures go by its name, which no other has", () => {
    const names = [{}, { stackName: "another" }].map(
      (stackProps) => onlyOne(skeinTemplate({}, stackProps), "AWS::ApiGateway::RestApi").Properties["Name"],
    );
    expect(names).toEqual(["Test-Skein-Http", "another-Skein-Http"]);
  });

  it("tells nobody by default, and the topic that is given, of its end too", () => {
    expect(alarms.filter((one) => one["AlarmActions"] !== undefined)).toEqual([]);
    const told = skeinTemplate((stack) => ({ alarms: { topic: new Topic(stack, "Topic") } }));
    const topic = [{ Ref: onlyOne(told, "AWS::SNS::Topic").id }];
    for (const { Properties } of Object.values(resources(told, "AWS::CloudWatch::Alarm")))
      expect(Properties).toMatchObject({ AlarmActions: topic, OKActions: topic });
  });

  it("is not where there are to be none", () => {
    expect(resources(skeinTemplate({ alarms: false }), "AWS::CloudWatch::Alarm")).toEqual({});
  });
});
