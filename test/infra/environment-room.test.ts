import type { Template } from "aws-cdk-lib/assertions";
import { Duration } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import type { SkeinProps, StepOperatorSize } from "../../infra/cdk.ts";
import { haveRoom } from "../../infra/environment-room.ts";
import { functionsIn, skeinTemplate } from "./skein-template.ts";

/** See https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. */
const maxBytes = 4_096;

/** The longest that a reference can become, by the type of what it refers to. */
const longest: Readonly<Record<string, string>> = {
  "AWS::Lambda::Function": "f".repeat(64),
  "AWS::Lambda::Version": `arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:${"f".repeat(64)}:99999`,
  "AWS::DynamoDB::Table": "t".repeat(190),
  "AWS::S3::Bucket": "b".repeat(63),
  "AWS::SQS::Queue": `https://sqs.us-gov-west-1.amazonaws.com/123456789012/${"q".repeat(80)}`,
};

const everything: Omit<SkeinProps, "catalogue"> = {
  retention: Duration.days(3_650),
  hotWait: Duration.minutes(10),
  inlineValues: 100_000,
  lostAfter: Duration.hours(7),
  sweepAfter: Duration.hours(7),
  keepVersions: Duration.days(365),
  baton: true,
  countRequests: true,
  bundling: { sourceMaps: true },
};

/** How much of what Lambda has room for the environments of functions take, as Lambda measures it: as JSON. */
function bytesOf(template: Template): readonly number[] {
  const types = template.toJSON()["Resources"] as Readonly<Record<string, { readonly Type: string }>>;
  const rendered = (value: unknown): string => {
    if (typeof value === "string") return value;
    const { Ref: id, "Fn::Join": join } = value as { Ref?: string; "Fn::Join"?: readonly [string, readonly unknown[]] };
    if (join !== undefined) return join[1].map(rendered).join(join[0]);
    const text = longest[types[id ?? ""]?.Type ?? ""];
    if (text === undefined) throw new Error(`how long ${JSON.stringify(value)} can become is not known`);
    return text;
  };
  return Object.values(functionsIn(template)).map(({ Properties }) => {
    const { Variables: variables } = Properties["Environment"] as { Variables: Readonly<Record<string, unknown>> };
    return Buffer.byteLength(JSON.stringify(Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, rendered(value)]))));
  });
}

/** The most of these sizes, one of them with the most clones, that is still taken. */
function most(count: number, name: (i: number) => string): Readonly<Record<string, StepOperatorSize>> {
  const sizes = Array.from({ length: count }, (_, i) => ({ name: name(i), memoryMb: 10_240 - i, isOffered: true }));
  const taken = (clones: number) => haveRoom(sizes.map((size, i) => ({ ...size, functions: i === 0 ? 1 + clones : 1 })));
  const clones = Array.from({ length: 20 }, (_, i) => 20 - i).find(taken) ?? 0;
  return Object.fromEntries(sizes.map(({ name, memoryMb }, i) => [name, { memoryMb, clones: i === 0 ? clones : 0 }]));
}

describe("the environment of a function has room", () => {
  it.each([
    ["many clones", most(2, (i) => `size_${i}`)],
    ["some sizes", most(6, (i) => `size_${i}`)],
    ["many sizes", most(11, (i) => `size_${i}`)],
    ["long names", most(9, (i) => `${i}`.padStart(64, "x"))],
  ])("for %s", (_, operators) => {
    for (const bytes of bytesOf(skeinTemplate({ ...everything, operators }))) expect(bytes).toBeLessThanOrEqual(maxBytes);
  });

  it("or the operators are refused", () => {
    const operators = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`size_${i}`, { memoryMb: 512 + i }]));
    expect(() => skeinTemplate({ operators })).toThrow("operators: 16 sizes with 16 functions");
  });
});
