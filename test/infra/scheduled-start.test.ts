import { Duration } from "aws-cdk-lib";
import { Schedule } from "aws-cdk-lib/aws-events";
import { describe, expect, it } from "vitest";
import type { PipelineSchedule } from "../../infra/cdk.ts";
import { functionsIn, resources, skeinTemplate } from "./skein-template.ts";

const nightly: PipelineSchedule = {
  pipeline: "forecast",
  params: { city: "Seattle", note: 'a <b>"c"</b> \\ d' },
  schedule: Schedule.cron({ minute: "30", hour: "2" }),
};
const hourly: PipelineSchedule = { pipeline: "forecast", name: "hourly", schedule: Schedule.rate(Duration.hours(1)), enabled: false };

const template = skeinTemplate({ schedules: [nightly, hourly] });
const rules = Object.entries(resources(template, "AWS::Events::Rule")).filter(([id]) => id.includes("Schedule"));
const ruleOf = (name: string) => rules.find(([id]) => id.includes(`Schedule${name}`));

describe("a schedule", () => {
  it("is a rule of its own, with its times", () => {
    expect(rules).toHaveLength(2);
    expect(ruleOf("forecast")?.[1].Properties).toMatchObject({ ScheduleExpression: "cron(30 2 * * ? *)", State: "ENABLED" });
    expect(ruleOf("hourly")?.[1].Properties).toMatchObject({ ScheduleExpression: "rate(1 hour)", State: "DISABLED" });
  });

  it("asks the API's function for a start, with the time that it was due at", () => {
    const targets = ruleOf("forecast")?.[1].Properties["Targets"] as readonly { Arn: unknown; InputTransformer: Record<string, unknown> }[];
    const [target] = targets;
    expect(target?.Arn).toEqual({ "Fn::GetAtt": [functionsIn(template)["Api"]?.id, "Arn"] });
    const { InputPathsMap, InputTemplate } = target?.InputTransformer ?? {};
    expect(InputPathsMap).toEqual({ time: "$.time" });
    const time = "2026-11-24T02:30:00Z";
    const filled = String(InputTemplate).replace("<time>", JSON.stringify(time));
    expect(JSON.parse(filled)).toEqual({ time, schedule: "forecast", pipeline: "forecast", params: nightly.params });
  });

  it("has nothing else that EventBridge would take for a place to fill in", () => {
    const texts = rules.map(([, { Properties }]) => JSON.stringify(Properties["Targets"]));
    expect(texts.flatMap((text) => text.match(/<\w*/g) ?? [])).toEqual(["<time", "<time"]);
  });

  it("may invoke the function", () => {
    const permissions = Object.values(resources(template, "AWS::Lambda::Permission")).map(({ Properties }) => Properties);
    for (const [id] of rules)
      expect(permissions).toContainEqual({
        Action: "lambda:InvokeFunction",
        FunctionName: { "Fn::GetAtt": [functionsIn(template)["Api"]?.id, "Arn"] },
        Principal: "events.amazonaws.com",
        SourceArn: { "Fn::GetAtt": [id, "Arn"] },
      });
  });

  it("takes values of the stack as parameters", () => {
    const placed = skeinTemplate((stack) => ({ schedules: [{ ...nightly, params: { region: stack.region } }] }));
    const rule = Object.entries(resources(placed, "AWS::Events::Rule")).find(([id]) => id.includes("Schedule"));
    expect(JSON.stringify(rule)).toContain('{"Ref":"AWS::Region"}');
  });

  it.each([
    [[nightly, nightly], 'two are named "forecast"'],
    [[{ ...nightly, name: "every night" }], '"every night" is no name'],
  ])("is refused where its name is wrong", (schedules, message) => {
    expect(() => skeinTemplate({ schedules })).toThrow(message);
  });
});
