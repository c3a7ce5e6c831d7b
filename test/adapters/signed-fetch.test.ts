import { createHmac, hash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedFetch, type SignedInit } from "../../src/adapters/aws/signed-fetch.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/key", sessionToken: "token+of/session" };

/** What the other side computes from what it received, https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html. */
function expectedSignature(request: IncomingMessage, body: string): string {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const [, date = "", region, signedHeaders = ""] =
    /Credential=AKIDEXAMPLE\/(\d{8})\/([^/]+)\/execute-api\/aws4_request, SignedHeaders=([^,]+)/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  const canonical = [
    request.method,
    path.split("/").map(encodeURIComponent).join("/"),
    query.split("&").toSorted().join("&"),
    ...signedHeaders.split(";").map((name) => `${name}:${String(request.headers[name])}`),
    "",
    signedHeaders,
    hash("sha256", body),
  ].join("\n");
  const scope = `${date}/${region}/execute-api/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hash("sha256", canonical)].join("\n");
  const steps = [date, region ?? "", "execute-api", "aws4_request"];
  const key = steps.reduce<string | Buffer>((k, part) => createHmac("sha256", k).update(part).digest(), "AWS4secret/key");
  return createHmac("sha256", key).update(toSign).digest("hex");
}

describe("signed fetch", () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      const given = /Signature=(\w+)/.exec(request.headers.authorization ?? "")?.[1];
      const { url, method, headers } = request;
      response.end(JSON.stringify({ isSigned: given === expectedSignature(request, body), url, method, headers, body }));
    });
  });
  let base = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => server.close());
  const send = signedFetch({ region: "eu-central-1", credentials });

  test.each([
    ["/prod/runs", { method: "GET" }],
    ["/prod/runs?status=failed&limit=5&pipeline=a&pipeline=b", {}],
    ["/prod/runs?cursor=a%2Bb%3D+c*(d)'", {}],
    ["/prod/runs/run_1/steps/fit%5B3%5D/logs", { method: "GET" }],
    ["/prod/pipelines/forecast/runs", { method: "POST", headers: { "content-type": "application/json" }, body: '{"city":"Łódź"}' }],
  ] satisfies [string, SignedInit][])("%s bears the signature that the other side computes", async (path, init: SignedInit) => {
    const answer = await send(`${base}${path}`, init);
    expect(await answer.json()).toMatchObject({
      isSigned: true,
      method: init.method ?? "GET",
      body: init.body ?? "",
      headers: { "x-amz-security-token": credentials.sessionToken },
    });
  });

  test("keeps the caller's headers, and asks for credentials again and again", async () => {
    let asked = 0;
    const sending = signedFetch({ region: "eu-central-1", credentials: async () => ({ ...credentials, expiration: new Date(++asked) }) });
    for (const key of ["a", "b"]) {
      const answer = await sending(`${base}/prod/x`, { method: "POST", headers: { "Idempotency-Key": key }, body: "{}" });
      expect(await answer.json()).toMatchObject({ isSigned: true, headers: { "idempotency-key": key } });
    }
    expect(asked).toBe(2);
  });
});
