import { errorCodes, type ErrorCode } from "../model/error-code.ts";
import { SkeinError } from "../model/error.ts";

/** What came over the line. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
}

/** An answer that another try may better: too many requests, or a server that is not well. */
export function isDown({ status }: ApiAnswer): boolean {
  return status === 429 || status >= 500;
}

/** The error that an answer tells of: Skein's own come with their code, those of API Gateway and of others get one. */
export function problemOf(answer: ApiAnswer, url: string): SkeinError | undefined {
  if (answer.status < 300) return undefined;
  const problem = fieldsOf(answer.text);
  const code = errorCodes.find((known) => known === problem["code"]);
  const detail = textIn(problem, "detail") ?? textIn(problem, "title") ?? textIn(problem, "message") ?? `status ${answer.status}`;
  return code === undefined ? foreignProblem(answer.status, detail, url) : new SkeinError(code, detail);
}

/** No answer came. */
export function unreachable(url: string, error: Error): SkeinError {
  return new SkeinError("api_unreachable", `The API at ${url} does not answer (${reasonOf(error)}): check its address and the network.`, {
    cause: error,
  });
}

function foreignProblem(status: number, detail: string, url: string): SkeinError {
  const [code, message] = foreignText(status, detail, url);
  return new SkeinError(code, message);
}

function foreignText(status: number, detail: string, url: string): readonly [ErrorCode, string] {
  if (status === 401 || status === 403)
    return [
      "api_denied",
      `The API at ${url} refuses the request (${detail}): check that the credentials, or the API key, may call it, and that the address ends with its stage.`,
    ];
  if (status === 429) return ["api_unreachable", `The API at ${url} has too many requests to answer (${detail}): try again later.`];
  if (status >= 500) return ["api_unreachable", `The API at ${url} fails (${status}: ${detail}): try again; its function's log says why.`];
  if (status === 404 || status < 400)
    return ["api_unreachable", `There is no API of Skein at ${url} (${status}: ${detail}): check the address, with its stage.`];
  return ["bad_option", `The API at ${url} does not take the request (${status}: ${detail}).`];
}

/** The members of a JSON object; none of what is no such thing. */
function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `ECONNREFUSED`, `getaddrinfo ENOTFOUND no.such.host`, `no answer within 35 s`. */
function reasonOf(error: Error): string {
  if (error.name === "TimeoutError") return "it took too long";
  const { cause } = error;
  const inner: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  return inner instanceof Error && inner.message !== "" ? inner.message : error.message;
}
