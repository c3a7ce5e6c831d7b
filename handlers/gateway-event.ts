import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { ApiRequest } from "../src/api/api-request.ts";
import type { ApiResponse } from "../src/api/api-response.ts";

/** A request as API Gateway's REST APIs hand it over. */
export function requestOf(event: APIGatewayProxyEvent): ApiRequest {
  const { httpMethod, resource, body } = event;
  return {
    method: httpMethod,
    route: resource,
    pathParams: mapValues(event.pathParameters, decoded),
    query: mapValues(event.queryStringParameters, (value) => value),
    headers: headersOf(event),
    ...(body === null ? {} : { body: event.isBase64Encoded ? Buffer.from(body, "base64") : body }),
  };
}

export function resultOf({ status, headers, body }: ApiResponse): APIGatewayProxyResult {
  return { statusCode: status, headers, body };
}

/** A header that was sent more than once is one with all its values (RFC 9110, 5.3). */
function headersOf({ headers, multiValueHeaders }: APIGatewayProxyEvent): Readonly<Record<string, string>> {
  const single = Object.entries(defined(headers));
  const multiple = Object.entries(defined(multiValueHeaders)).map(([name, values]) => [name, values.join(", ")] as const);
  return Object.fromEntries([...single, ...multiple].map(([name, value]) => [name.toLowerCase(), value]));
}

function mapValues(values: Readonly<Record<string, string | undefined>> | null, read: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(defined(values)).map(([name, value]) => [name, read(value)]));
}

/** The types promise records, the gateway sends null where there is nothing. */
function defined<T>(values: Readonly<Record<string, T | undefined>> | null): Record<string, T> {
  return Object.fromEntries(Object.entries(values ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** API Gateway leaves path parameters encoded, emulators may not; no id or name of Skein's has a percent sign. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
