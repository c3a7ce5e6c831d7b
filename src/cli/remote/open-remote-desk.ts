import { ApiClient, type Send } from "../../client/api-client.ts";
import { DeployedApi } from "../../client/deployed-api.ts";
import type { Desk } from "../desk.ts";
import type { Environment } from "../env.ts";
import type { GlobalOptions } from "../place.ts";
import { apiAddress } from "./api-address.ts";
import { RemoteDesk } from "./remote-desk.ts";

/** The API that the command line names, asked with a key if there is one, else with signatures. */
export async function openRemoteDesk(options: GlobalOptions, environment: Environment): Promise<Desk> {
  const { url, region } = apiAddress(options, environment);
  const key = options.apiKey ?? environment.apiKey;
  const send = key === undefined ? await signing(url, region) : withKey(key);
  return new RemoteDesk(new DeployedApi(new ApiClient({ url, send })), options);
}

function withKey(key: string): Send {
  return async (url, init) => fetch(url, { ...init, headers: { ...init.headers, "x-api-key": key } });
}

/** The AWS packages are loaded for those who sign only. */
async function signing(url: string, region: string | undefined): Promise<Send> {
  const { signedSend } = await import("./signed-send.ts");
  return signedSend(url, region);
}
