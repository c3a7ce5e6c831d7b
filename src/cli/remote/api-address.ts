import { readFileSync } from "node:fs";
import { SkeinError } from "../../model/error.ts";
import type { Environment } from "../env.ts";
import type { GlobalOptions } from "../place.ts";

export interface ApiAddress {
  /** Where the routes begin, stage included, without a slash at the end. */
  readonly url: string;
  /** Of AWS, as far as the address or the environment tell. */
  readonly region: string | undefined;
}

/** `https://ID.execute-api.REGION.amazonaws.com/STAGE`; of an emulator's no host need be a right one: `ID.execute-api.127.0.0.1`. */
const gateway = /^https?:\/\/([a-z0-9]+)\.execute-api\.(?:([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|[^/?#]+)(\/[^?#]*)?$/;

/**
 * The address that the command line or the environment names. With `AWS_ENDPOINT_URL` an API of API Gateway is called there.
 *
 * @throws SkeinError `bad_option` for what is no address, or names none
 */
export function apiAddress({ url, stackOutputs }: GlobalOptions, environment: Environment): ApiAddress {
  const [text, namedBy] =
    stackOutputs !== undefined
      ? [urlInOutputs(stackOutputs), `--stack-outputs ${stackOutputs}`]
      : [url ?? environment.url ?? "", url === undefined ? "SKEIN_URL" : "--url"];
  const [, id, region = environment.region, stage = ""] = gateway.exec(text) ?? [];
  const called =
    id === undefined || environment.awsEndpoint === undefined
      ? parse(text, namedBy)
      : inEmulator(parse(environment.awsEndpoint, "AWS_ENDPOINT_URL"), id, stage);
  return { url: `${called.origin}${called.pathname}`.replace(/\/+$/, ""), region };
}

function parse(text: string, namedBy: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "")
    throw new SkeinError(
      "bad_option",
      `${namedBy} names no API: "${text}" is no address such as https://a1b2c3.execute-api.eu-central-1.amazonaws.com/v1`,
    );
  return url;
}

/** The path at which LocalStack has its APIs, whatever host name they go by. */
function inEmulator(endpoint: URL, id: string, stage: string): URL {
  return new URL(`/_aws/execute-api/${id}${stage}`, endpoint);
}

/** The output whose name ends in `ApiUrl`, the hash that CDK may add left aside. */
const outputName = /ApiUrl(?:[0-9A-F]{8})?$/;

function urlInOutputs(file: string): string {
  const outputs = Object.values(readOutputs(file)).flatMap((stack) => Object.entries(isRecord(stack) ? stack : {}));
  const found = new Set(outputs.flatMap(([name, value]) => (outputName.test(name) && typeof value === "string" ? [value] : [])));
  const [only] = found;
  if (found.size === 1 && only !== undefined) return only;
  throw new SkeinError(
    "bad_option",
    found.size === 0
      ? `--stack-outputs ${file} names no API: none of its outputs has a name that ends in ApiUrl. Is it the file of cdk deploy --outputs-file?`
      : `--stack-outputs ${file} names several APIs: give one of them with --url: ${[...found].join(" ")}`,
  );
}

function readOutputs(file: string): Readonly<Record<string, unknown>> {
  try {
    const outputs: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isRecord(outputs) ? outputs : {};
  } catch (cause) {
    throw new SkeinError(
      "bad_option",
      `--stack-outputs ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
