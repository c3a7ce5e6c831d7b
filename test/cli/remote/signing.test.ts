import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Place, skein } from "../skein.ts";
import { AnsweringServer } from "./answering-server.ts";

const runs = { body: '{"runs": []}' };
/** Nothing of this machine's is found: no profile, no role. */
const nobody = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_ACCESS_KEY_ID: "",
  AWS_SECRET_ACCESS_KEY: "",
  AWS_SESSION_TOKEN: "",
  AWS_PROFILE: "",
  AWS_REGION: "",
  AWS_DEFAULT_REGION: "",
  AWS_ENDPOINT_URL: "",
  SKEIN_API_KEY: "",
};
const somebody = { ...nobody, AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };

describe("a request without a key", () => {
  it("is signed for the region with the credentials of the environment", async () => {
    await using server = await AnsweringServer.open(runs);
    using place = new Place();
    const { code, stderr } = await skein(place, ["runs", "--url", server.url], { env: { ...somebody, AWS_REGION: "eu-north-1" } });
    expect([code, stderr]).toEqual([0, ""]);
    const headers = server.requests[0]?.headers;
    expect(headers?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-north-1\/execute-api\/aws4_request, /);
    expect(headers).toMatchObject({ "x-amz-security-token": "token", "x-amz-date": expect.stringMatching(/^\d{8}T\d{6}Z$/) });
    expect(headers?.["x-api-key"]).toBeUndefined();
  });

  it("goes to the emulator with an address of API Gateway, signed for its region", async () => {
    await using server = await AnsweringServer.open(runs);
    using place = new Place();
    const url = "https://a1b2c3.execute-api.eu-north-1.amazonaws.com/v1";
    const env = { ...somebody, AWS_ENDPOINT_URL: new URL(server.url).origin, AWS_REGION: "us-east-1" };
    expect((await skein(place, ["runs", "--url", url], { env })).code).toBe(0);
    expect(server.requests[0]).toMatchObject({
      url: "/_aws/execute-api/a1b2c3/v1/runs?limit=20",
      headers: { authorization: expect.stringContaining("/eu-north-1/execute-api/") },
    });
  });

  it.each([
    ["the region", { ...somebody }, "bad_option", "AWS_REGION"],
    ["credentials", { ...nobody, AWS_REGION: "eu-north-1" }, "api_denied", "there are no credentials"],
  ])("for which nothing tells %s is not sent, and the error says what to do", async (_, env, code, hint) => {
    await using server = await AnsweringServer.open(runs);
    using place = new Place();
    const answer = await skein(place, ["runs", "--url", server.url], { env });
    expect(answer).toMatchObject({ code: 2, stderr: expect.stringMatching(new RegExp(`^error ${code}: .*${hint}`)) });
    expect(server.requests).toEqual([]);
  });

  it("needs packages of AWS, and names them where they are not installed; one with a key needs none", async () => {
    await using server = await AnsweringServer.open(runs);
    using place = new Place();
    const hook = join(place.folder, "no-aws.mjs");
    writeFileSync(
      hook,
      `import { registerHooks } from "node:module";
registerHooks({
  resolve(specifier, context, next) {
    if (!/^@(smithy|aws-sdk|aws-crypto)\\//.test(specifier)) return next(specifier, context);
    throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: "ERR_MODULE_NOT_FOUND" });
  },
});`,
    );
    const env = { ...somebody, AWS_REGION: "eu-north-1", NODE_OPTIONS: `--import=${hook}` };
    const { code, stderr } = await skein(place, ["runs", "--url", server.url], { env });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error api_denied: .*npm install @smithy\/signature-v4 .*SKEIN_API_KEY/)]);
    expect(await skein(place, ["runs", "--url", server.url, "--api-key", "key"], { env })).toMatchObject({ code: 0 });
    expect(server.requests.map((one) => one.headers["x-api-key"])).toEqual(["key"]);
  });
});
