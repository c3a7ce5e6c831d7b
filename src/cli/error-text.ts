import type { ErrorResource } from "../observe/resources.ts";

/** `RangeError: too large`, and in further lines what caused it. */
export function errorText(error: ErrorResource): string {
  const code = error.code === undefined ? "" : ` ${error.code}`;
  const cause = error.cause === undefined ? "" : `\n  caused by ${errorText(error.cause)}`;
  return `${error.name}${code}: ${error.message}${cause}`;
}
