import type { z } from "zod";
import { formatIssues } from "../define/validation.ts";
import { SkeinError } from "../model/error.ts";
import { formatPath } from "../model/input.ts";
import type { ApiRequest } from "./api-request.ts";
import { idempotencyKey } from "./request-schemas.ts";
import { idempotencyHeader, maxBodyBytes } from "./routes.ts";

/**
 * The body as its schema gives it; none at all is an empty object.
 *
 * @throws SkeinError `bad_request`, `body_too_large`, `unsupported_body`
 */
export function readBody<S extends z.ZodType>(schema: S, request: ApiRequest): z.output<S> {
  return parse(schema, readJson(request), "The body is not what this operation takes");
}

/** @throws SkeinError `bad_request` */
export function readQuery<S extends z.ZodType>(schema: S, { query }: ApiRequest): z.output<S> {
  // Those of a request that is signed in its address are not ours.
  const own = Object.entries(query).filter(([name]) => !name.toLowerCase().startsWith("x-amz-"));
  return parse(schema, Object.fromEntries(own), "The query parameters are not what this operation takes");
}

/** @throws SkeinError `bad_request` */
export function readIdempotencyKey({ headers }: ApiRequest): string | undefined {
  const key = headers[idempotencyHeader.toLowerCase()];
  return key === undefined ? undefined : parse(idempotencyKey, key, `The header ${idempotencyHeader} is no key`);
}

/** A path parameter of the route. */
export function readPath({ pathParams }: ApiRequest, name: string): string {
  return pathParams[name] ?? "";
}

function readJson({ headers, body = "" }: ApiRequest): unknown {
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  if (bytes === 0) return {};
  if (bytes > maxBodyBytes)
    throw new SkeinError(
      "body_too_large",
      `The body has ${bytes} bytes, and at most ${maxBodyBytes} are taken: store the data elsewhere and pass a reference to it.`,
    );
  const type = headers["content-type"];
  const told = type === undefined ? "of no type" : `"${type.slice(0, 100)}"`;
  if (!isJson(type))
    throw new SkeinError("unsupported_body", `The body is ${told}: send JSON in UTF-8, with the header Content-Type: application/json.`);
  try {
    return JSON.parse(typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new SkeinError("bad_request", `The body is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isJson(type: string | undefined): boolean {
  const [media = "", ...parameters] = (type ?? "").toLowerCase().split(";");
  if (!/^application\/(?:json|[\w.-]+\+json)$/.test(media.trim())) return false;
  return parameters.every((parameter) => !/^\s*charset=/.test(parameter) || /^\s*charset="?utf-?8"?\s*$/.test(parameter));
}

/** @throws SkeinError `bad_request` with the `issues` */
export function parse<S extends z.ZodType>(schema: S, value: unknown, refusal: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: formatPath(path.map((part) => (typeof part === "number" ? part : String(part)))),
    message: message.replace(/^Invalid input: /, ""),
  }));
  throw new SkeinError("bad_request", `${refusal}: ${formatIssues(issues)}`, { data: { issues } });
}
