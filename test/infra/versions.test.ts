import { Duration } from "aws-cdk-lib";
import type { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { variables } from "../../handlers/env.ts";
import { functionsIn, resources, skeinTemplate } from "./skein-template.ts";
import { arnOf } from "./template.ts";

const template = skeinTemplate();
const pinned = ["Operatorssmall", "Operatorsmedium", "Operatorslarge", "Orchestrator"];

const environmentOf = (of: Template, name: string): unknown =>
  (functionsIn(of)[name]?.Properties["Environment"] as { Variables: unknown } | undefined)?.Variables;

/** The ids of the versions of functions that runs are pinned to, by the functions' names. */
function versionsIn(of: Template): Readonly<Record<string, string>> {
  const names = new Map(Object.entries(functionsIn(of)).map(([name, { id }]) => [id, name]));
  const found = Object.entries(resources(of, "AWS::Lambda::Version"));
  return Object.fromEntries(found.map(([id, { Properties }]) => [names.get((Properties["FunctionName"] as { Ref: string }).Ref), id]));
}

function changedIn(of: Template): readonly string[] {
  const [before, after] = [versionsIn(template), versionsIn(of)];
  return pinned.filter((name) => before[name] !== after[name]);
}

describe("versions", () => {
  it("are published of the functions that runs are pinned to, and of no other", () => {
    expect(Object.keys(versionsIn(template)).toSorted()).toEqual(pinned.toSorted());
  });

  it.each(pinned)("stay when a deployment leaves them, with their event settings: %s", (name) => {
    const version = versionsIn(template)[name] ?? "";
    const retained = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" };
    expect(resources(template, "AWS::Lambda::Version")[version]).toMatchObject(retained);
    // By an id of its own: under one that stays, the next deployment would move the settings away from this version.
    expect(resources(template, "AWS::Lambda::EventInvokeConfig")[`${version}Events`]).toMatchObject(retained);
  });

  it.each(pinned)("have no event tried again by Lambda, and failures told to the queue: %s", (name) => {
    const version = versionsIn(template)[name] ?? "";
    const queue = Object.keys(resources(template, "AWS::SQS::Queue")).find((id) => !id.includes("DeadLetters"));
    expect(resources(template, "AWS::Lambda::EventInvokeConfig")[`${version}Events`]?.Properties).toEqual({
      FunctionName: { Ref: functionsIn(template)[name]?.id },
      Qualifier: { "Fn::GetAtt": [version, "Version"] },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 300,
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [queue, "Arn"] } } },
    });
  });

  it("have events wait as long as is asked for", () => {
    const patient = skeinTemplate({ maxEventAge: Duration.hours(1) });
    const settings = resources(patient, "AWS::Lambda::EventInvokeConfig")[`${versionsIn(patient)["Orchestrator"]}Events`];
    expect(settings?.Properties).toMatchObject({ MaximumEventAgeInSeconds: 3600 });
  });

  it("hang together: the orchestrator's knows its operators', the smallest first; API and sweeper know the orchestrator's", () => {
    const versions = versionsIn(template);
    const operator = (name: string) => ({ Ref: versions[`Operators${name}`] });
    const targets = [
      '[{"name":"small","memoryMb":512,"functions":["',
      operator("small"),
      '"]},{"name":"medium","memoryMb":1769,"functions":["',
      operator("medium"),
      '"]},{"name":"large","memoryMb":3008,"functions":["',
      operator("large"),
      '"]}]',
    ];
    expect(environmentOf(template, "Orchestrator")).toMatchObject({ [variables.operators]: { "Fn::Join": ["", targets] } });
    for (const name of ["Api", "Sweeper"])
      expect(environmentOf(template, name)).toMatchObject({ [variables.orchestrator]: { Ref: versions["Orchestrator"] } });
  });

  it("of clones are targets of their size, after the first function", () => {
    const cloned = skeinTemplate({ operators: { wide: { memoryMb: 512, clones: 1 } } });
    const versions = versionsIn(cloned);
    const functions = [{ Ref: versions["Operatorswide"] }, '","', { Ref: versions["Operatorswide2"] }];
    const targets = ['[{"name":"wide","memoryMb":512,"functions":["', ...functions, '"]}]'];
    expect(environmentOf(cloned, "Orchestrator")).toMatchObject({ [variables.operators]: { "Fn::Join": ["", targets] } });
  });

  it("of a size that is retired stay, and new runs do not know them", () => {
    const sizes = { small: { memoryMb: 512 }, medium: { memoryMb: 1769 }, large: { memoryMb: 3008 } };
    const retired = skeinTemplate({ operators: { ...sizes, small: { ...sizes.small, retired: true } } });
    expect(changedIn(retired)).toEqual(["Orchestrator"]);
    const gone = `"${versionsIn(template)["Operatorssmall"]}"`;
    for (const name of ["Orchestrator", "Api"]) {
      expect(JSON.stringify(environmentOf(template, name))).toContain(gone);
      expect(JSON.stringify(environmentOf(retired, name))).not.toContain(gone);
    }
    // Its logs are those of runs that began with it, whose orchestrators invoke it, and its old versions are removed.
    const ids = Object.values(functionsIn(template)).map(({ id }) => id);
    expect(Object.values(functionsIn(retired)).map(({ id }) => id)).toEqual(ids);
    const loggers = (of: Template) => (environmentOf(of, "Sweeper") as Readonly<Record<string, unknown>>)[variables.loggers];
    expect(loggers(retired)).toEqual(loggers(template));
    expect(resources(retired, "AWS::IAM::Policy")).toEqual(resources(template, "AWS::IAM::Policy"));
  });

  it("are new where a setting of the function is, and so where an operator's version is", () => {
    expect(changedIn(skeinTemplate({ orchestrator: { memoryMb: 1024 } }))).toEqual(["Orchestrator"]);
    expect(
      changedIn(skeinTemplate({ operators: { small: { memoryMb: 640 }, medium: { memoryMb: 1769 }, large: { memoryMb: 3008 } } })),
    ).toEqual(["Operatorssmall", "Orchestrator"]);
    expect(changedIn(skeinTemplate({ hotWait: Duration.seconds(1) }))).toEqual(pinned);
    expect(changedIn(skeinTemplate({ release: "once more" }))).toEqual(pinned);
  });

  it("are the same where Lambda would publish none: its answer would fail the deployment", () => {
    const elsewhere = {
      tags: { team: "data" },
      orchestrator: { reservedConcurrency: 5 },
      keepVersions: Duration.hours(1),
      alarms: false,
    } as const;
    expect(changedIn(skeinTemplate(elsewhere))).toEqual([]);
  });
});

describe("functions that are not pinned", () => {
  const settingsOf = (name: string) =>
    Object.values(resources(template, "AWS::Lambda::EventInvokeConfig")).find(
      ({ Properties }) => (Properties["FunctionName"] as { Ref: string }).Ref === functionsIn(template)[name]?.id,
    )?.Properties;

  it("have the sweeper not tried again: the next one comes anyway", () => {
    expect(settingsOf("Sweeper")).toMatchObject({ Qualifier: "$LATEST", MaximumRetryAttempts: 0 });
  });

  it("have scheduled starts tried again, as they are the same run, and put aside at last", () => {
    const deadLetters = Object.keys(resources(template, "AWS::SQS::Queue")).find((id) => id.includes("DeadLetters"));
    expect(settingsOf("Api")).toMatchObject({
      Qualifier: "$LATEST",
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [deadLetters, "Arn"] } } },
    });
  });

  it("take messages out of the queue and give back those that failed", () => {
    const [source, ...others] = Object.values(resources(template, "AWS::Lambda::EventSourceMapping"));
    expect(others).toEqual([]);
    expect(source?.Properties).toMatchObject({
      FunctionName: { Ref: functionsIn(template)["Relay"]?.id },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  it("have the sweeper run each minute", () => {
    const rules = Object.values(resources(template, "AWS::Events::Rule"));
    expect(rules.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        ScheduleExpression: "rate(1 minute)",
        State: "ENABLED",
        Targets: [expect.objectContaining({ Arn: { "Fn::GetAtt": [functionsIn(template)["Sweeper"]?.id, "Arn"] } })],
      }),
    ]);
    expect(arnOf(template, "AWS::Events::Rule")).toEqual(
      Object.values(resources(template, "AWS::Lambda::Permission")).find(
        ({ Properties }) => Properties["Principal"] === "events.amazonaws.com",
      )?.Properties["SourceArn"],
    );
  });
});
