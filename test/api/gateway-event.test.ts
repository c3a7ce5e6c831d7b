import type { APIGatewayProxyEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { requestOf, resultOf } from "../../handlers/gateway-event.ts";

/** As a REST API sends it: null where there is nothing, whatever the types say. */
const nothing = {
  pathParameters: null,
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  stageVariables: null,
  body: null,
  isBase64Encoded: false,
} as const;

function eventOf(changes: Partial<APIGatewayProxyEvent>): APIGatewayProxyEvent {
  const event: Omit<APIGatewayProxyEvent, "requestContext"> = {
    ...nothing,
    httpMethod: "GET",
    resource: "/runs/{id}",
    path: "/runs/run_1",
    headers: {},
    multiValueHeaders: {},
    ...changes,
  };
  return event as APIGatewayProxyEvent;
}

describe("an event of API Gateway", () => {
  it("is a request for the route that it came through", () => {
    const event = eventOf({ pathParameters: { id: "run_1" }, queryStringParameters: { values: "true" }, headers: { "User-Agent": "x" } });
    expect(requestOf(event)).toEqual({
      method: "GET",
      route: "/runs/{id}",
      pathParams: { id: "run_1" },
      query: { values: "true" },
      headers: { "user-agent": "x" },
    });
  });

  it("may have nothing but its route", () => {
    const bare = eventOf({});
    Object.assign(bare, { headers: null, multiValueHeaders: null });
    expect(requestOf(bare)).toEqual({ method: "GET", route: "/runs/{id}", pathParams: {}, query: {}, headers: {} });
  });

  it("has its path parameters encoded, or not", () => {
    const ids = ["run_1.fit%5B3%5D.1.output", "run_1.fit[3].1.output", "100%"];
    expect(ids.map((id) => requestOf(eventOf({ pathParameters: { id } })).pathParams["id"])).toEqual([
      "run_1.fit[3].1.output",
      "run_1.fit[3].1.output",
      "100%",
    ]);
  });

  it("has a body as text or as Base64 of bytes", () => {
    const bytes = Buffer.from('{"name":"Zoë"}\u{1F600}');
    expect(requestOf(eventOf({ body: bytes.toString() })).body).toBe(bytes.toString());
    expect(requestOf(eventOf({ body: bytes.toString("base64"), isBase64Encoded: true })).body).toEqual(bytes);
    expect(requestOf(eventOf({ body: "" })).body).toBe("");
  });

  it("has headers of any case, those that came more than once with all their values", () => {
    const { headers } = requestOf(
      eventOf({
        headers: { "Content-Type": "application/json", "IDEMPOTENCY-KEY": "b" },
        multiValueHeaders: { "Content-Type": ["application/json"], "IDEMPOTENCY-KEY": ["a", "b"] },
      }),
    );
    expect(headers).toEqual({ "content-type": "application/json", "idempotency-key": "a, b" });
  });

  it("is answered in its form", () => {
    expect(resultOf({ status: 202, headers: { Location: "x" }, body: "{}" })).toEqual({
      statusCode: 202,
      headers: { Location: "x" },
      body: "{}",
    });
  });
});
