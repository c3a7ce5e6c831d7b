import type { ErrorCode } from "./error-code.ts";
import type { Failure, Metadata } from "./failure.ts";
import { sizedFailure, type ErrorParts } from "./failure-size.ts";

/** Skein's own errors: `code` is stable and documented, the message says what, where and what to do. */
export class SkeinError extends Error {
  override readonly name: string = "SkeinError";
  readonly code: ErrorCode;
  readonly data: Metadata | undefined;

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown; readonly data?: Metadata } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }
}

/** Thrown by a step whose failure no retry can mend: the remaining retries are dropped. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

/** Thrown by a step that wants its next attempt no sooner than `delayMs` from now. */
export class RetryAfter extends Error {
  override readonly name = "RetryAfter";
  readonly delayMs: number;

  constructor(message: string, delayMs: number, options?: ErrorOptions) {
    super(message, options);
    this.delayMs = delayMs;
  }
}

/**
 * Any thrown value as data, at most about 32 KB of it (`sizedFailure` says what is left out). Total: odd values, cyclic causes and
 * throwing getters give a failure too.
 */
export function failureOf(thrown: unknown): Failure {
  return sizedFailure(thrown, partsOf);
}

function partsOf(thrown: unknown): ErrorParts<unknown> {
  try {
    return thrown instanceof Error || looksLikeError(thrown) ? partsOfError(thrown) : alone(`thrown: ${show(thrown)}`);
  } catch {
    return alone("an error that cannot be read");
  }
}

function alone(message: string): ErrorParts<never> {
  return { own: { name: "Error", message }, cause: undefined, errors: [] };
}

interface ErrorLike {
  readonly name: unknown;
  readonly message: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

function looksLikeError(value: unknown): value is ErrorLike {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "message" in value &&
    typeof value.message === "string"
  );
}

function partsOfError(error: ErrorLike): ErrorParts<unknown> {
  const code = "code" in error && typeof error.code === "string" && !(error instanceof SkeinError) ? error.code : undefined;
  const ownData = error instanceof SkeinError ? error.data : code === undefined ? undefined : { code };
  const step = "step" in error && typeof error.step === "string" ? error.step : undefined;
  const own = {
    name: nameOf(error),
    message: String(error.message),
    ...(error instanceof SkeinError ? { code: error.code } : {}),
    ...(typeof error.stack === "string" ? { stack: error.stack } : {}),
    ...(step === undefined ? {} : { step }),
    ...(ownData === undefined ? {} : { data: ownData }),
    ...(error instanceof PermanentError ? { retryable: false } : {}),
    ...(error instanceof RetryAfter ? { retryAfterMs: error.delayMs } : {}),
  };
  return { own, cause: error.cause, errors: "errors" in error && Array.isArray(error.errors) ? error.errors.slice() : [] };
}

/** A subclass that forgot to set `name` is still known by its class. */
function nameOf(error: ErrorLike): string {
  const className = error.constructor.name;
  return String(error.name === "Error" && className !== "" && className !== "Object" ? className : error.name);
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** `JSON.stringify` answers undefined for what JSON has no word for, whatever its type says. */
const stringify: (value: unknown) => string | undefined = JSON.stringify;

const builtIn: Readonly<Record<string, new (message: string, options?: ErrorOptions) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/**
 * The failure as an error again: `name`, `message`, `stack`, `cause`, `errors`, `step` and `data` are those of the original;
 * built-in classes and Skein's come back as instances of their class, others as `Error` with the original's `name`.
 */
export function errorOf(failure: Failure): Error {
  const cause = failure.cause === undefined ? {} : { cause: errorOf(failure.cause) };
  const error = rebuild(failure, cause);
  const set = (key: string, value: unknown) =>
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  if (error.name !== failure.name) set("name", failure.name);
  if (failure.stack !== undefined) set("stack", failure.stack);
  if (failure.step !== undefined) set("step", failure.step);
  if (failure.data !== undefined && !(error instanceof SkeinError)) {
    set("data", failure.data);
    if (typeof failure.data["code"] === "string") set("code", failure.data["code"]);
  }
  if (failure.errors !== undefined && !(error instanceof AggregateError)) set("errors", failure.errors.map(errorOf));
  return error;
}

function rebuild(failure: Failure, options: { readonly cause?: Error }): Error {
  if (failure.code !== undefined)
    return new SkeinError(failure.code, failure.message, { ...options, ...(failure.data === undefined ? {} : { data: failure.data }) });
  if (failure.name === "PermanentError") return new PermanentError(failure.message, options);
  if (failure.name === "RetryAfter") return new RetryAfter(failure.message, failure.retryAfterMs ?? 0, options);
  if (failure.name === "AggregateError") return new AggregateError((failure.errors ?? []).map(errorOf), failure.message, options);
  const Class = builtIn[failure.name] ?? Error;
  return new Class(failure.message, options);
}
