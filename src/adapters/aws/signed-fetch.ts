import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { SignatureV4 } from "@smithy/signature-v4";

export interface SigningOptions {
  readonly region: string;
  /** Default: what the AWS SDK finds (environment, profile, SSO, role). */
  readonly credentials?: Credentials | (() => Promise<Credentials>);
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What is sent: a body is text. */
export interface SignedInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A `fetch` whose requests API Gateway knows by the caller's credentials (`AWS_IAM`). It throws what finding credentials throws. */
export function signedFetch({
  region,
  credentials = defaultProvider(),
}: SigningOptions): (url: string | URL, init?: SignedInit) => Promise<Response> {
  const signer = new SignatureV4({ service: "execute-api", region, credentials, sha256: Sha256 });
  return async (url, init = {}) => {
    const target = new URL(url);
    const { method = "GET", headers = {}, body } = init;
    const query = queryOf(target);
    // What is signed is also what is sent: a plus sign would be a space to one and a plus to the other.
    target.search = Object.entries(query)
      .flatMap(([name, values]) => values.map((value) => `${encoded(name)}=${encoded(value)}`))
      .join("&");
    const signed = await signer.sign({
      method,
      protocol: target.protocol,
      hostname: target.hostname,
      ...(target.port === "" ? {} : { port: Number(target.port) }),
      path: target.pathname,
      query,
      headers: { ...headers, host: target.host },
      ...(body === undefined ? {} : { body }),
    });
    // `fetch` itself says the host.
    const { host: _, ...rest } = signed.headers;
    return fetch(target, { ...init, method, headers: rest });
  };
}

/** Names that come several times have lists. */
function queryOf(target: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(target.searchParams.keys())].map((name) => [name, target.searchParams.getAll(name)]));
}

/** As AWS does it: all but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
