/** Nobody knows whether a request took effect that ended so. */
const broken: ReadonlySet<string> = new Set([
  "TimeoutError",
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Answers that no repetition changes, whatever the service, and what does. */
const refusals: Readonly<Record<string, string>> = {
  UnrecognizedClientException: "the credentials are not known; renew them",
  ExpiredTokenException: "the credentials have expired; renew them",
  CredentialsProviderError: "no credentials were found; give the function a role, or configure some",
};

/** The connection broke, or the service is ill. */
export function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return broken.has(error.name) || broken.has(code) || (statusOf(error) ?? 0) >= 500;
}

/** The HTTP status of a service's answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null)
    return undefined;
  const { httpStatusCode }: { httpStatusCode?: unknown } = error.$metadata;
  return typeof httpStatusCode === "number" ? httpStatusCode : undefined;
}

/** What to do about an answer; `own`: those of the service. */
export function helpFor(error: Error, own: Readonly<Record<string, string>>): string | undefined {
  return own[error.name] ?? refusals[error.name];
}
