import { isBroken, statusOf } from "./service-error.ts";

/** The function is being made or changed, or there are too many requests. */
const passing: ReadonlySet<string> = new Set(["TooManyRequestsException", "ThrottlingException", "ResourceConflictException"]);

/** Worth another try. */
export function passes(error: unknown): boolean {
  return isBroken(error) || statusOf(error) === 429 || (error instanceof Error && passing.has(error.name));
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === "ResourceNotFoundException";
}
