import type { EnvironmentResponse } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { Cloud } from "../../handlers/cloud.ts";
import { removeUnneededVersions } from "../../handlers/version-cleaning.ts";
import { makeLambdaClient } from "../../src/adapters/aws/lambda-client.ts";
import { environment } from "./environment.ts";

const arn = (name: string, version: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}:${version}`;
const known = { ...environment, orchestrator: arn("orchestrator", "1"), loggers: ["orchestrator", "operator"] };

/** A deployment whose orchestrator has one version, of this environment, and whose operator has two. */
class Deployment extends Cloud {
  readonly complaints: string[] = [];
  override readonly lambda;

  constructor(orchestrator: EnvironmentResponse) {
    super(known, undefined);
    const client = makeLambdaClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
    const LastModified = "2020-01-01T00:00:00.000+0000";
    const versionsOf = (name: string) =>
      (name === "orchestrator" ? ["1"] : ["1", "2"]).map((Version) => ({
        Version,
        FunctionArn: arn(name, Version),
        LastModified,
        ...(name === "orchestrator" ? { Environment: orchestrator } : {}),
      }));
    client.middlewareStack.add(
      () =>
        async ({ input }) => ({
          output: { $metadata: {}, Versions: "FunctionName" in input ? versionsOf(String(input.FunctionName)) : [] },
          response: {},
        }),
      { name: "answering", step: "initialize" },
    );
    this.lambda = async () => client;
  }

  override complain(message: string, error: unknown): void {
    this.complaints.push(`${message}: ${String(error)}`);
  }
}

test("an operator's version that no orchestrator names is removed", async () => {
  const deployment = new Deployment({ Variables: { SKEIN_OPERATORS: JSON.stringify([arn("operator", "2")]) } });
  expect(await removeUnneededVersions(deployment)).toEqual([arn("operator", "1")]);
  expect(deployment.complaints).toEqual([]);
});

test("no operator's version is removed where an orchestrator's environment is unknown, and that is told", async () => {
  const deployment = new Deployment({ Error: { ErrorCode: "AccessDeniedException", Message: "the key is disabled" } });
  expect(await removeUnneededVersions(deployment)).toEqual([]);
  expect(deployment.complaints).toEqual([expect.stringMatching(/orchestrator:1.*the key is disabled/s)]);
});
