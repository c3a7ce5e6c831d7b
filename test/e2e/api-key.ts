import { Sha256 } from "@aws-crypto/sha256-js";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { SignatureV4 } from "@smithy/signature-v4";
import { endpoint } from "./emulator.ts";
import { region } from "./test-app.ts";

/** The value of an API key, which API Gateway makes and tells only those who may ask it: `aws apigateway get-api-key --include-value`. */
export async function apiKey(id: string): Promise<string> {
  const { protocol, host, hostname, port } = new URL(endpoint ?? "");
  const signer = new SignatureV4({ service: "apigateway", region, credentials: defaultProvider(), sha256: Sha256 });
  const request = { method: "GET", protocol, hostname, port: Number(port), path: `/apikeys/${id}`, query: { includeValue: "true" } };
  const { headers } = await signer.sign({ ...request, headers: { host } });
  const response = await fetch(`${endpoint}${request.path}?includeValue=true`, { headers });
  const { value } = (await response.json()) as { readonly value?: string };
  if (value === undefined) throw new Error(`The API key ${id} was answered with ${response.status}`);
  return value;
}
