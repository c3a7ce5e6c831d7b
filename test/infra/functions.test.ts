import { Duration } from "aws-cdk-lib";
import { SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { describe, expect, it } from "vitest";
import { variables } from "../../handlers/env.ts";
import { functionsIn, resources, skeinTemplate } from "./skein-template.ts";
import { arnOf, onlyOne } from "./template.ts";

const template = skeinTemplate();
const functions = functionsIn(template);

const environmentOf = (of: typeof functions, name: string): Readonly<Record<string, unknown>> =>
  (of[name]?.Properties["Environment"] as { Variables: Record<string, unknown> } | undefined)?.Variables ?? {};

describe("the functions", () => {
  it("are one for each job and size, with the handler of their job", () => {
    const handlers = Object.fromEntries(Object.entries(functions).map(([name, { Properties }]) => [name, Properties["Handler"]]));
    expect(handlers).toEqual({
      Operatorssmall: "step-operator.handler",
      Operatorsmedium: "step-operator.handler",
      Operatorslarge: "step-operator.handler",
      Orchestrator: "orchestrator.handler",
      Relay: "relay.handler",
      Sweeper: "sweeper.handler",
      Api: "api.handler",
    });
  });

  it.each(Object.keys(functions))("run on Node 24 and ARM: %s", (name) => {
    expect(functions[name]?.Properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"] });
  });

  it("have a role each, that nobody but Lambda takes on", () => {
    const roles = Object.values(functions).map(({ Properties }) => (Properties["Role"] as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0]);
    expect(new Set(roles).size).toBe(Object.keys(functions).length);
    const lambda = { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } };
    for (const role of roles) {
      const { Properties } = resources(template, "AWS::IAM::Role")[role] ?? { Properties: {} };
      expect(Properties).toMatchObject({ AssumeRolePolicyDocument: { Statement: [lambda] } });
      expect(Properties).not.toHaveProperty("ManagedPolicyArns");
    }
  });

  it("may be visited again and again by what goes in circles, and only those", () => {
    const inLoops = Object.entries(functions).filter(([, { Properties }]) => Properties["RecursiveLoop"] === "Allow");
    expect(inLoops.map(([name]) => name).toSorted()).toEqual([
      "Operatorslarge",
      "Operatorsmedium",
      "Operatorssmall",
      "Orchestrator",
      "Relay",
    ]);
  });

  it("keep Lambda's longest time where user's code runs, and API Gateway's where it waits", () => {
    const timeouts = Object.fromEntries(Object.entries(functions).map(([name, { Properties }]) => [name, Properties["Timeout"]]));
    expect(timeouts).toMatchObject({ Orchestrator: 900, Operatorssmall: 900, Operatorslarge: 900, Api: 29, Relay: 60, Sweeper: 60 });
  });

  it("log into groups that are named after them and expire", () => {
    const groups = Object.values(resources(template, "AWS::Logs::LogGroup"));
    for (const { id } of Object.values(functions)) {
      const LogGroupName = { "Fn::Join": ["", ["/aws/lambda/", { Ref: id }]] };
      const group = groups.find(({ Properties }) => JSON.stringify(Properties["LogGroupName"]) === JSON.stringify(LogGroupName));
      expect(group).toMatchObject({ Properties: { RetentionInDays: 90 }, DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    }
  });

  it("keep logs as long as is asked for, access logs too", () => {
    const groups = Object.values(resources(skeinTemplate({ logRetention: RetentionDays.ONE_WEEK }), "AWS::Logs::LogGroup"));
    expect(groups.map(({ Properties }) => Properties["RetentionInDays"])).toEqual(groups.map(() => 7));
    expect(groups).toHaveLength(Object.keys(functions).length + 1);
  });

  it.each(Object.keys(functions))("know where the state is: %s", (name) => {
    const names = [variables.table, variables.bucket, variables.queue];
    expect(Object.keys(environmentOf(functions, name))).toEqual(expect.arrayContaining(names));
  });
});

describe("what functions are told", () => {
  const told = skeinTemplate({
    retention: Duration.days(7),
    hotWait: Duration.millis(250),
    inlineValues: 2048,
    lostAfter: Duration.seconds(20),
    sweepAfter: Duration.seconds(5),
    keepVersions: Duration.minutes(3),
    baton: true,
    countRequests: true,
  });

  it("is all that was set", () => {
    expect(environmentOf(functionsIn(told), "Orchestrator")).toMatchObject({
      [variables.retentionMs]: "604800000",
      [variables.hotWaitMs]: "250",
      [variables.inlineValues]: "2048",
      [variables.lostAfterMs]: "20000",
      [variables.sweepMs]: "5000",
      [variables.baton]: "1024",
      [variables.countRequests]: "1",
    });
  });

  it("is nothing where nothing was set, but when an event counts as lost: after Lambda has given it up", () => {
    const known = new Set<string>([variables.table, variables.bucket, variables.queue, variables.operators]);
    const { [variables.lostAfterMs]: lostAfter, ...rest } = environmentOf(functions, "Orchestrator");
    expect(lostAfter).toBe("360000");
    expect(Object.keys(rest).filter((name) => !known.has(name))).toEqual([]);
    const patient = skeinTemplate({ maxEventAge: Duration.minutes(30) });
    expect(environmentOf(functionsIn(patient), "Relay")).toMatchObject({ [variables.lostAfterMs]: "1860000" });
  });

  it("to look into maps, where there are maps of the user's sources", () => {
    const mapped = functionsIn(skeinTemplate({ bundling: { sourceMaps: true } }));
    expect(environmentOf(mapped, "Operatorssmall")).toMatchObject({ NODE_OPTIONS: "--enable-source-maps" });
  });

  it.each([
    [{ inlineValues: 0.5 }, "0.5 is no number of bytes"],
    [{ release: "r".repeat(65) }, "more than 64 characters"],
    [{ maxEventAge: Duration.seconds(59) }, "from a minute to 6 hours, not 59 s"],
    [{ maxEventAge: Duration.hours(7) }, "from a minute to 6 hours, not 25200 s"],
  ])("is refused where it cannot be: %j", (props, message) => {
    expect(() => skeinTemplate(props)).toThrow(message);
  });

  it("of versions to keep goes to the sweeper alone: it pins no new ones", () => {
    const knowing = Object.keys(functionsIn(told)).filter((name) => variables.keepVersionsMs in environmentOf(functionsIn(told), name));
    expect(knowing).toEqual(["Sweeper"]);
    expect(environmentOf(functionsIn(told), "Sweeper")).toMatchObject({ [variables.keepVersionsMs]: "180000" });
  });

  it("of logs names the functions of runs, the orchestrator first", () => {
    const names = environmentOf(functions, "Api")[variables.loggers] as { "Fn::Join": [string, readonly unknown[]] };
    const refs = names["Fn::Join"][1].filter((part) => typeof part === "object");
    const order = ["Orchestrator", "Operatorssmall", "Operatorsmedium", "Operatorslarge"];
    expect(refs).toEqual(order.map((name) => ({ Ref: functions[name]?.id })));
  });
});

describe("sizes", () => {
  it("of the orchestrator are what is asked for", () => {
    const sized = { memoryMb: 1769, timeout: Duration.seconds(5), reservedConcurrency: 20 };
    const { Orchestrator } = functionsIn(skeinTemplate({ orchestrator: sized }));
    expect(Orchestrator?.Properties).toMatchObject({ MemorySize: 1769, Timeout: 5, ReservedConcurrentExecutions: 20 });
    expect(functions["Orchestrator"]?.Properties).not.toHaveProperty("ReservedConcurrentExecutions");
  });

  it("of step operators are what is asked for, with a function for each clone", () => {
    const sized = functionsIn(
      skeinTemplate({ operators: { wide: { memoryMb: 256, clones: 2, timeout: Duration.minutes(1) }, huge: { memoryMb: 10_240 } } }),
    );
    const sizes = Object.entries(sized).flatMap(([name, { Properties }]) =>
      Properties["Handler"] === "step-operator.handler" ? [[name, Properties["MemorySize"], Properties["Timeout"]]] : [],
    );
    expect(sizes.toSorted()).toEqual([
      ["Operatorshuge", 10_240, 900],
      ["Operatorswide", 256, 60],
      ["Operatorswide2", 256, 60],
      ["Operatorswide3", 256, 60],
    ]);
  });

  it.each([
    [{}, "there is none"],
    [{ "a b": { memoryMb: 512 } }, "no name"],
    [{ tiny: { memoryMb: 64 } }, "128 to 10,240 MB"],
    [{ odd: { memoryMb: 512.5 } }, "128 to 10,240 MB"],
    [{ many: { memoryMb: 512, clones: 21 } }, "21 clones"],
    [{ less: { memoryMb: 512, clones: -1 } }, "-1 clones"],
    [{ a: { memoryMb: 512, clones: 20 }, b: { memoryMb: 512, clones: 20 } }, "2 sizes with 42 functions"],
    [{ old: { memoryMb: 512, retired: true } }, "there is none"],
  ])("of step operators that cannot be are refused: %j", (operators, message) => {
    expect(() => skeinTemplate({ operators })).toThrow(message);
  });
});

describe("functions in a network", () => {
  const vpcOf = (stack: ConstructorParameters<typeof Vpc>[0]) =>
    new Vpc(stack, "Network", {
      natGateways: 0,
      maxAzs: 1,
      subnetConfiguration: [{ name: "inner", subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
  const inner = { subnetType: SubnetType.PRIVATE_ISOLATED };

  it("are all in it, behind one group that lets nobody in", () => {
    const placed = skeinTemplate((stack) => ({ vpc: vpcOf(stack), subnets: inner }));
    const { id: group, Properties } = onlyOne(placed, "AWS::EC2::SecurityGroup");
    expect(Properties).not.toHaveProperty("SecurityGroupIngress");
    const [subnet] = Object.keys(resources(placed, "AWS::EC2::Subnet"));
    for (const { Properties: made } of Object.values(functionsIn(placed)))
      expect(made["VpcConfig"]).toEqual({ SubnetIds: [{ Ref: subnet }], SecurityGroupIds: [{ "Fn::GetAtt": [group, "GroupId"] }] });
  });

  it("are in the groups that are given, and then there is no other", () => {
    const placed = skeinTemplate((stack) => {
      const vpc = vpcOf(stack);
      return { vpc, subnets: inner, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, "Group", "sg-0123456789abcdef0")] };
    });
    expect(resources(placed, "AWS::EC2::SecurityGroup")).toEqual({});
    expect(functionsIn(placed)["Api"]?.Properties).toMatchObject({ VpcConfig: { SecurityGroupIds: ["sg-0123456789abcdef0"] } });
  });

  it("are let make what Lambda needs to put them there; others are not", () => {
    const placed = skeinTemplate((stack) => ({ vpc: vpcOf(stack), subnets: inner }));
    const lets = (name: string, from: typeof template) => JSON.stringify(resources(from, "AWS::IAM::Role")).split(name).length - 1;
    expect(lets("ec2:CreateNetworkInterface", placed)).toBe(Object.keys(functions).length);
    expect(lets("ec2:", template)).toBe(0);
  });
});

describe("functions with a key", () => {
  const keyed = skeinTemplate((stack) => ({ encryptionKey: new Key(stack, "Key") }));
  const key = arnOf(keyed, "AWS::KMS::Key");

  it("have their environment encrypted with it, and their logs", () => {
    for (const { Properties } of Object.values(functionsIn(keyed))) expect(Properties["KmsKeyArn"]).toEqual(key);
    for (const { Properties } of Object.values(resources(keyed, "AWS::Logs::LogGroup"))) expect(Properties["KmsKeyId"]).toEqual(key);
  });

  it("have CloudWatch Logs let use it, for log groups of this account alone", () => {
    const [{ Properties } = { Properties: {} }] = Object.values(resources(keyed, "AWS::KMS::Key"));
    const { Statement } = Properties["KeyPolicy"] as { Statement: readonly Record<string, unknown>[] };
    const logs = Statement.find(({ Principal }) => JSON.stringify(Principal).includes("logs."));
    expect(JSON.stringify(logs?.["Condition"])).toContain("kms:EncryptionContext:aws:logs:arn");
    expect(logs?.["Action"]).not.toContain("kms:*");
  });
});
