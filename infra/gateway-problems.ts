import { ResponseType } from "aws-cdk-lib/aws-apigateway";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { STATUS_CODES } from "node:http";
import type { ErrorCode } from "../src/model/error-code.ts";

interface Problem {
  readonly type: ResponseType;
  readonly status: number;
  readonly code: ErrorCode;
  /** Default: API Gateway's own message. */
  readonly detail?: string;
}

const credentials = "Sign the request with AWS credentials that may call this API, or send its key in x-api-key.";
const again = "The request may succeed when it is repeated in a while.";

/** Answers that API Gateway gives without the function. */
const problems: readonly Problem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: "bad_request",
    detail: "The body is not JSON as GET /openapi.json describes it.",
  },
  { type: ResponseType.BAD_REQUEST_PARAMETERS, status: 400, code: "bad_request" },
  { type: ResponseType.ACCESS_DENIED, status: 403, code: "api_denied" },
  { type: ResponseType.EXPIRED_TOKEN, status: 403, code: "api_denied" },
  { type: ResponseType.INVALID_API_KEY, status: 403, code: "api_denied", detail: credentials },
  { type: ResponseType.INVALID_SIGNATURE, status: 403, code: "api_denied" },
  { type: ResponseType.MISSING_AUTHENTICATION_TOKEN, status: 403, code: "api_denied", detail: credentials },
  { type: ResponseType.RESOURCE_NOT_FOUND, status: 404, code: "unknown_route" },
  { type: ResponseType.REQUEST_TOO_LARGE, status: 413, code: "body_too_large" },
  { type: ResponseType.UNSUPPORTED_MEDIA_TYPE, status: 415, code: "unsupported_body" },
  { type: ResponseType.THROTTLED, status: 429, code: "api_unreachable", detail: `Too many requests. ${again}` },
  { type: ResponseType.QUOTA_EXCEEDED, status: 429, code: "api_unreachable", detail: `Too many requests. ${again}` },
  { type: ResponseType.INTEGRATION_FAILURE, status: 502, code: "api_unreachable", detail: `The API's function did not answer. ${again}` },
  { type: ResponseType.INTEGRATION_TIMEOUT, status: 504, code: "api_unreachable", detail: `The API's function took too long. ${again}` },
  { type: ResponseType.DEFAULT_4XX, status: 400, code: "bad_request" },
  { type: ResponseType.DEFAULT_5XX, status: 500, code: "internal_error" },
];

/** Has API Gateway answer in the form that the function answers in, RFC 9457. */
export function answerInProblems(api: RestApi): void {
  for (const { type, status, code, detail } of problems) {
    const known = { type: "about:blank", title: STATUS_CODES[status], status, code, id: "$context.requestId" };
    // API Gateway's message comes with its quotes.
    const told = detail === undefined ? "$context.error.messageString" : JSON.stringify(detail);
    api.addGatewayResponse(type.responseType, {
      type,
      statusCode: String(status),
      responseHeaders: { "Content-Type": "'application/problem+json'" },
      templates: { "application/json": `${JSON.stringify(known).slice(0, -1)},"detail":${told}}` },
    });
  }
}
