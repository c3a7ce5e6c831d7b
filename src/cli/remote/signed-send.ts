import type * as signer from "../../adapters/aws/signed-fetch.ts";
import type { Send } from "../../client/api-client.ts";
import { SkeinError } from "../../model/error.ts";

const packages = "@smithy/signature-v4 @aws-crypto/sha256-js @aws-sdk/credential-provider-node";

/**
 * Signs with the credentials that the AWS SDK finds: environment, profile, SSO, role.
 *
 * @throws SkeinError `bad_option` where nothing tells the region, `api_denied` where the packages that sign are not installed
 */
export async function signedSend(url: string, region: string | undefined): Promise<Send> {
  if (region === undefined)
    throw new SkeinError(
      "bad_option",
      `Requests to ${url} are signed for a region, and its host name does not tell which: set AWS_REGION, or give a key with SKEIN_API_KEY.`,
    );
  const { signedFetch } = await loadSigner();
  const send = signedFetch({ region });
  return async (target, init) => {
    try {
      return await send(target, init);
    } catch (error) {
      if (error instanceof Error && /^Credentials|^Token/.test(error.name)) throw noCredentials(error);
      throw error;
    }
  };
}

async function loadSigner(): Promise<typeof signer> {
  try {
    return await import("../../adapters/aws/signed-fetch.ts");
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND")) throw cause;
    throw new SkeinError(
      "api_denied",
      `Requests cannot be signed, since packages of AWS are missing: npm install ${packages}, or give a key with SKEIN_API_KEY. ${cause.message}`,
      { cause },
    );
  }
}

function noCredentials(cause: Error): SkeinError {
  return new SkeinError(
    "api_denied",
    `Requests cannot be signed, since there are no credentials (${cause.message}): log in (aws sso login), name a profile with AWS_PROFILE, or give a key with SKEIN_API_KEY.`,
    { cause },
  );
}
