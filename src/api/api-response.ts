import { SkeinError } from "../model/error.ts";

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Lambda answers with up to 6 MB of JSON, in which this text is a string once more. */
const maxAnswer = 4_500_000;

/** @throws SkeinError `bad_option` for what no answer can hold */
export function jsonResponse(status: number, resource: unknown, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  const body = JSON.stringify(resource);
  if (!fits(body))
    throw new SkeinError(
      "bad_option",
      "The answer is larger than an answer can be: read it in parts, with a smaller `limit` or by its steps.",
    );
  return { status, headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers }, body };
}

/** Quotes and backslashes are escaped on the way through Lambda. */
export function fits(text: string): boolean {
  if (text.length > maxAnswer) return false;
  return Buffer.byteLength(JSON.stringify(text)) <= maxAnswer + 1_000_000;
}
