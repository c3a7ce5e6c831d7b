import { crc32 } from "node:zlib";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FunctionVersions } from "../../src/adapters/aws/function-versions.ts";
import { makeLambdaClient } from "../../src/adapters/aws/lambda-client.ts";
import { fresh } from "../contracts/state-store/samples.ts";
import { serviceError } from "./dynamodb-state-faults.ts";

const endpoint = process.env["AWS_ENDPOINT_URL"];
const reason = endpoint === undefined ? " (SKIPPED: AWS_ENDPOINT_URL is not set)" : "";

/** A ZIP archive of one file, stored as it is. */
function zipOf(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(content.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), facts, Buffer.from(name), content]);
  const central = Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), facts, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\u0005\u0006"), end]);
}

describe.skipIf(endpoint === undefined)(`versions of functions against a server${reason}`, () => {
  const lambda = makeLambdaClient();
  const versions = new FunctionVersions(lambda);
  const name = fresh("versioned");
  const began = Date.now();
  const wait = { client: lambda, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

  beforeAll(async () => {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: "arn:aws:iam::000000000000:role/any",
        Code: { ZipFile: zipOf("index.mjs", "export const handler = async () => 1;") },
      }),
    );
    await waitUntilFunctionActiveV2(wait, { FunctionName: name });
    for (const release of ["a", "b", "c"]) {
      const Environment = { Variables: { RELEASE: release } };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment }));
      await waitUntilFunctionUpdatedV2(wait, { FunctionName: name });
      const { Version: Qualifier } = await lambda.send(new PublishVersionCommand({ FunctionName: name }));
      await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: name, Qualifier, MaximumRetryAttempts: 0 }));
    }
  }, 60_000);
  afterAll(async () => {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    lambda.destroy();
  });

  test("are listed, each with its own environment, without the unpublished one", async () => {
    const listed = await versions.list(name);
    expect(listed.map(({ version, environment }) => [version, environment?.["RELEASE"]])).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
    for (const { arn, version, lastModified } of listed) {
      expect(arn).toMatch(new RegExp(`:function:${name}:${version}$`));
      expect(Math.abs(lastModified - began)).toBeLessThan(120_000);
    }
  });

  test("of a function that is not there are none", async () => {
    expect(await versions.list(fresh("nothing"))).toEqual([]);
  });

  test("are removed with their configuration, once and again", async () => {
    await versions.remove(name, "2");
    await versions.remove(name, "2");
    expect((await versions.list(name)).map(({ version }) => version)).toEqual(["1", "3"]);
    const gone = lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: name, Qualifier: "2" }));
    await expect(gone).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const { FunctionEventInvokeConfigs: left = [] } = await lambda.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: name }));
    expect(left.map(({ FunctionArn = "" }) => FunctionArn.split(":").at(-1)).toSorted()).toEqual(["1", "3"]);
  });
});

describe("versions of functions", () => {
  /** Pages of two versions each. */
  function paged(total: number) {
    const lambda = makeLambdaClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
    let throttled = 0;
    lambda.middlewareStack.add(
      () =>
        async ({ input }) => {
          if (throttled++ % 2 === 0) throw serviceError("TooManyRequestsException", 429);
          const from = "Marker" in input ? Number(input.Marker) : 0;
          const Versions = [from, from + 1].filter((i) => i < total).map((i) => ({ Version: i === 0 ? "$LATEST" : String(total - i) }));
          return {
            output: { $metadata: {}, Versions, ...(from + 2 < total ? { NextMarker: String(from + 2) } : {}) },
            response: {},
          };
        },
      { name: "answering", step: "initialize" },
    );
    return new FunctionVersions(lambda);
  }

  test.each([1, 2, 5, 12])("are read to the last page, through throttling: %i", async (total) => {
    const numbers = (await paged(total).list("f")).map(({ version }) => Number(version));
    expect(numbers).toEqual(Array.from({ length: total - 1 }, (_, i) => i + 1));
  });

  test("tell where Lambda cannot read their environment, and which have none", async () => {
    const lambda = makeLambdaClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
    const Error = { ErrorCode: "AccessDeniedException", Message: "the key is disabled" };
    const Versions = [{ Version: "1", Environment: { Error } }, { Version: "2" }, { Version: "3", Environment: { Variables: { A: "b" } } }];
    lambda.middlewareStack.add(() => async () => ({ output: { $metadata: {}, Versions }, response: {} }), {
      name: "answering",
      step: "initialize",
    });
    expect((await new FunctionVersions(lambda).list("f")).map(({ environment, unreadable }) => [environment, unreadable])).toEqual([
      [undefined, "AccessDeniedException: the key is disabled"],
      [{}, undefined],
      [{ A: "b" }, undefined],
    ]);
  });

  test("that the role may not see are an error that says what to grant", async () => {
    const lambda = makeLambdaClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
    lambda.middlewareStack.add(
      () => async () => {
        throw serviceError("AccessDeniedException", 403);
      },
      { name: "answering", step: "initialize" },
    );
    await expect(new FunctionVersions(lambda).list("f")).rejects.toMatchObject({
      code: "operator_unavailable",
      message: expect.stringContaining("lambda:ListVersionsByFunction"),
    });
  });
});
