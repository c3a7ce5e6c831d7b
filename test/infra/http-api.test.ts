import type { Template } from "aws-cdk-lib/assertions";
import { JsonSchemaType } from "aws-cdk-lib/aws-apigateway";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { requestBodies } from "../../infra/request-bodies.ts";
import { bodies } from "../../src/api/request-schemas.ts";
import { routes } from "../../src/api/routes.ts";
import { errorCodes } from "../../src/model/error-code.ts";
import { functionsIn, resources, skeinTemplate } from "./skein-template.ts";
import { onlyOne } from "./template.ts";

const template = skeinTemplate();

type Method = Readonly<Record<string, unknown>> & { readonly HttpMethod: string; readonly OperationName?: string };

function methodsIn(of: Template): readonly (Method & { readonly path: string })[] {
  const places = resources(of, "AWS::ApiGateway::Resource");
  const pathOf = (id: string): string => {
    const { ParentId, PathPart } = (places[id]?.Properties ?? {}) as { ParentId?: { Ref?: string }; PathPart?: string };
    return `${ParentId?.Ref === undefined ? "" : pathOf(ParentId.Ref)}/${PathPart}`;
  };
  return Object.values(resources(of, "AWS::ApiGateway::Method")).map(({ Properties }) => {
    const { Ref } = Properties["ResourceId"] as { Ref?: string };
    return { ...(Properties as Method), path: Ref === undefined ? "/" : pathOf(Ref) };
  });
}

const methods = methodsIn(template);
const operationsOf = (found: typeof methods) => found.filter(({ HttpMethod }) => HttpMethod !== "ANY");

describe("the HTTP API", () => {
  it("has the routes of the table", () => {
    const made = operationsOf(methods).map(({ OperationName, HttpMethod, path }) => [OperationName, HttpMethod, path]);
    expect(made.toSorted()).toEqual(
      Object.entries(routes)
        .map(([name, { method, path }]) => [name, method, path])
        .toSorted(),
    );
  });

  it("has the function answer everything, what is at no route too", () => {
    const uri = { "Fn::Join": ["", expect.arrayContaining([{ "Fn::GetAtt": [functionsIn(template)["Api"]?.id, "Arn"] }, "/invocations"])] };
    for (const { Integration } of methods) expect(Integration).toEqual({ Type: "AWS_PROXY", IntegrationHttpMethod: "POST", Uri: uri });
    const places = new Set(methods.map(({ path }) => path));
    expect(places).toContain("/{proxy+}");
    expect(
      methods
        .filter(({ HttpMethod }) => HttpMethod === "ANY")
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual([...places].toSorted());
  });

  it("lets API Gateway invoke the function for this API alone", () => {
    const permission = Object.values(resources(template, "AWS::Lambda::Permission")).find(
      ({ Properties }) => Properties["Principal"] === "apigateway.amazonaws.com",
    );
    expect(permission?.Properties).toMatchObject({ FunctionName: { "Fn::GetAtt": [functionsIn(template)["Api"]?.id, "Arn"] } });
    expect(JSON.stringify(permission?.Properties["SourceArn"])).toContain(onlyOne(template, "AWS::ApiGateway::RestApi").id);
  });

  it("asks callers for a signature by default", () => {
    expect(methods.filter((method) => method["AuthorizationType"] !== "AWS_IAM")).toEqual([]);
    expect(methods.filter((method) => method["ApiKeyRequired"] === true)).toEqual([]);
  });

  it("checks what a path cannot do without, and bodies where there are any", () => {
    const validators = resources(template, "AWS::ApiGateway::RequestValidator");
    for (const method of operationsOf(methods)) {
      const { Properties } = validators[(method["RequestValidatorId"] as { Ref: string }).Ref] ?? { Properties: {} };
      const { body, path } = routes[method.OperationName as keyof typeof routes];
      expect(Properties["ValidateRequestParameters"]).toBe(true);
      expect(Properties["ValidateRequestBody"] ?? false).toBe(body !== undefined);
      const needed = Object.entries((method["RequestParameters"] ?? {}) as Record<string, boolean>).filter(([, isNeeded]) => isNeeded);
      expect(needed.map(([name]) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `method.request.path.${name}`));
      if (body === undefined) continue;
      const model = (method["RequestModels"] as { "application/json": { Ref: string } })["application/json"].Ref;
      expect(resources(template, "AWS::ApiGateway::Model")[model]?.Properties["Schema"]).toMatchObject(requestBodies[body]);
    }
  });

  it("names the parameters that the function looks at", () => {
    const start = methods.find(({ OperationName }) => OperationName === "startRun");
    expect(start?.["RequestParameters"]).toEqual({ "method.request.path.name": true, "method.request.header.Idempotency-Key": false });
    const signal = methods.find(({ OperationName }) => OperationName === "sendSignal");
    expect(signal?.["RequestParameters"]).toHaveProperty(["method.request.header.Idempotency-Key"], false);
    const list = methods.find(({ OperationName }) => OperationName === "listRuns");
    expect(Object.keys(list?.["RequestParameters"] as object)).toEqual(
      routes.listRuns.query.map((name) => `method.request.querystring.${name}`),
    );
  });

  it("is one stage with limits, metrics and access logs, and no tracing", () => {
    const stage = onlyOne(template, "AWS::ApiGateway::Stage").Properties;
    expect(stage).toMatchObject({
      StageName: "v1",
      TracingEnabled: false,
      AccessLogSetting: { DestinationArn: { "Fn::GetAtt": [expect.stringContaining("AccessLogs"), "Arn"] } },
      MethodSettings: [
        expect.objectContaining({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100, MetricsEnabled: true, DataTraceEnabled: false }),
      ],
    });
  });

  it("has the limits that are asked for", () => {
    const limited = onlyOne(skeinTemplate({ throttle: { rate: 5, burst: 7 } }), "AWS::ApiGateway::Stage").Properties;
    expect(limited).toMatchObject({ MethodSettings: [expect.objectContaining({ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 })] });
  });

  it("sets the account's role for logs, but where it is told not to", () => {
    expect(Object.keys(resources(template, "AWS::ApiGateway::Account"))).toHaveLength(1);
    const careful = skeinTemplate({ apiLogRole: false });
    expect(resources(careful, "AWS::ApiGateway::Account")).toEqual({});
    expect(JSON.stringify(resources(careful, "AWS::IAM::Role"))).not.toContain("apigateway");
  });
});

describe("the HTTP API with a key", () => {
  const keyed = skeinTemplate({ auth: "apiKey", throttle: { rate: 5, burst: 7 } });

  it("asks each request for it, and for no signature", () => {
    const open = methodsIn(keyed).filter((method) => method["ApiKeyRequired"] !== true || method["AuthorizationType"] !== "NONE");
    expect(open).toEqual([]);
  });

  it("has a key with limits of its own", () => {
    const plan = onlyOne(keyed, "AWS::ApiGateway::UsagePlan");
    expect(plan.Properties).toMatchObject({
      Throttle: { RateLimit: 5, BurstLimit: 7 },
      ApiStages: [expect.objectContaining({ Stage: { Ref: onlyOne(keyed, "AWS::ApiGateway::Stage").id } })],
    });
    const key = onlyOne(keyed, "AWS::ApiGateway::ApiKey").id;
    expect(onlyOne(keyed, "AWS::ApiGateway::UsagePlanKey").Properties).toMatchObject({
      KeyId: { Ref: key },
      UsagePlanId: { Ref: plan.id },
    });
    expect(keyed.toJSON()["Outputs"]["ApiKeyId"]).toEqual({ Value: { Ref: key } });
  });
});

describe("what API Gateway itself answers", () => {
  const answers = Object.values(resources(template, "AWS::ApiGateway::GatewayResponse")).map(({ Properties }) => Properties);

  it.each([
    ["BAD_REQUEST_BODY", 400, "bad_request"],
    ["BAD_REQUEST_PARAMETERS", 400, "bad_request"],
    ["MISSING_AUTHENTICATION_TOKEN", 403, "api_denied"],
    ["ACCESS_DENIED", 403, "api_denied"],
    ["INVALID_API_KEY", 403, "api_denied"],
    ["RESOURCE_NOT_FOUND", 404, "unknown_route"],
    ["REQUEST_TOO_LARGE", 413, "body_too_large"],
    ["THROTTLED", 429, "api_unreachable"],
    ["INTEGRATION_TIMEOUT", 504, "api_unreachable"],
    ["DEFAULT_5XX", 500, "internal_error"],
  ])("is a problem as the function's are: %s", (type, status, code) => {
    const answer = answers.find((one) => one["ResponseType"] === type);
    expect(answer).toMatchObject({
      StatusCode: String(status),
      ResponseParameters: { "gatewayresponse.header.Content-Type": "'application/problem+json'" },
    });
    expect(problemOf(answer)).toMatchObject({ type: "about:blank", status, code, id: "a request" });
  });

  it("is JSON in every case, with a title, a detail and a code of the list", () => {
    expect(answers.length).toBeGreaterThan(10);
    for (const answer of answers)
      expect(problemOf(answer)).toEqual({
        type: "about:blank",
        title: expect.stringMatching(/\w/),
        status: Number(answer["StatusCode"]),
        code: expect.toSatisfy((code: string) => errorCodes.some((known) => known === code)),
        id: "a request",
        detail: expect.stringMatching(/\w/),
      });
  });

  function problemOf(answer: Readonly<Record<string, unknown>> | undefined): unknown {
    const { "application/json": text = "" } = (answer?.["ResponseTemplates"] ?? {}) as Record<string, string>;
    return JSON.parse(text.replace("$context.error.messageString", '"What API Gateway says"').replace("$context.requestId", "a request"));
  }
});

describe("bodies that API Gateway lets through", () => {
  it.each(Object.keys(bodies) as (keyof typeof bodies)[])("are all that the function takes: %s", (name) => {
    const { properties = {}, required = [], additionalProperties } = requestBodies[name];
    expect(required).toEqual([]);
    const document = z.toJSONSchema(bodies[name], { io: "input", unrepresentable: "any" });
    const [taken = document] = Object.values(document.$defs ?? {});
    for (const [property, { type }] of Object.entries(properties)) {
      const known = taken.properties?.[property];
      // Parameters are judged by their pipeline's schema; that they are an object is said in words.
      expect(known).toMatchObject(property === "params" ? {} : { type });
    }
    // What has a name that nobody knows, the function refuses in better words; only where it takes no field at all there is none to mix up.
    if (additionalProperties !== undefined) expect([additionalProperties, taken.properties]).toEqual([false, {}]);
    for (const [property, { type, minLength = 0, maxLength = 9_999 }] of Object.entries(properties)) {
      if (type !== JsonSchemaType.STRING) continue;
      const isTaken = (length: number) => bodies[name].safeParse({ [property]: "x".repeat(length) }).success;
      expect([minLength - 1, minLength, maxLength, maxLength + 1].map((length) => length >= 0 && isTaken(length))).toEqual([
        false,
        true,
        true,
        false,
      ]);
    }
  });
});
