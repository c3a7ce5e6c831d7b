import { SkeinError } from "../../model/error.ts";
import { statusOf } from "./service-error.ts";

/** Answers that no repetition changes, and what does. */
const refusals: Readonly<Record<string, string>> = {
  AccessDenied:
    "the role may not do this; grant it s3:GetObject, s3:PutObject, s3:AbortMultipartUpload on the bucket's objects, and s3:ListBucket",
  NoSuchBucket: "there is no such bucket; deploy the stack, or correct the name and the region",
  PermanentRedirect: "the bucket is in another region; set the right one",
  InvalidAccessKeyId: "the credentials are not known; renew them",
  SignatureDoesNotMatch: "the credentials do not fit; renew them",
  ExpiredToken: "the credentials have expired; renew them",
  CredentialsProviderError: "no credentials were found; give the function a role, or configure some",
};

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown error";
}

/** Nothing has this key. (A bucket that is not there has another name.) */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && (nameOf(error) === "NoSuchKey" || nameOf(error) === "NotFound");
}

/** Somebody else writes this key at this moment: the request is to be sent again. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** A failed write: `store_unwritable` where somebody must do something, else `store_unavailable`. */
export function writeError(uri: string, error: unknown): SkeinError {
  const code = helpFor(error) === undefined ? "store_unavailable" : "store_unwritable";
  return new SkeinError(code, `Cannot write ${uri}: ${explain(error)}.`, { cause: error, data: { uri } });
}

export function readError(uri: string, error: unknown): SkeinError {
  const refused = helpFor(error) === undefined ? {} : { refused: true };
  return new SkeinError("store_unavailable", `Cannot read ${uri}: ${explain(error)}.`, { cause: error, data: { uri, ...refused } });
}

function explain(error: unknown): string {
  const status = statusOf(error);
  const what = `${nameOf(error)}${status === undefined ? "" : ` (${status})`}`;
  const help = helpFor(error);
  if (help !== undefined) return `${help} [${what}]`;
  const message = error instanceof Error && error.message !== "" && error.message !== error.name ? `: ${error.message}` : "";
  return `S3 answered ${what}${message}${triesOf(error)}; trying again later may help`;
}

/** An answer to HEAD has no body, hence no name. */
function helpFor(error: unknown): string | undefined {
  return refusals[nameOf(error)] ?? (statusOf(error) === 403 ? refusals["AccessDenied"] : undefined);
}

/** How long the SDK has tried already. */
function triesOf(error: unknown): string {
  if (!(error instanceof Error) || !("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return "";
  const { attempts, totalRetryDelay }: { attempts?: unknown; totalRetryDelay?: unknown } = error.$metadata;
  return typeof attempts === "number" ? `, after ${attempts} attempts and ${Number(totalRetryDelay ?? 0)} ms of pauses` : "";
}
