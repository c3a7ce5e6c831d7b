import { SkeinError } from "../model/error.ts";
import type { Desk } from "./desk.ts";
import type { Environment } from "./env.ts";
import type { GlobalOptions } from "./place.ts";

/**
 * The deployed API, if one is named, else this machine. Only the code of the one that is asked is loaded.
 *
 * @throws SkeinError `bad_option` where options contradict each other
 */
export async function openDesk(options: GlobalOptions, environment: Environment): Promise<Desk> {
  const namedBy = apiOption(options, environment);
  if (namedBy !== undefined) {
    refuseLocalOptions(options, namedBy);
    const { openRemoteDesk } = await import("./remote/open-remote-desk.ts");
    return openRemoteDesk(options, environment);
  }
  if (options.apiKey !== undefined)
    throw new SkeinError("bad_option", "--api-key is for a deployed API: name that with --url, --stack-outputs or SKEIN_URL.");
  const { LocalDesk } = await import("./local/local-desk.ts");
  return new LocalDesk({ options, environment });
}

/** What names the API. */
function apiOption({ url, stackOutputs }: GlobalOptions, environment: Environment): string | undefined {
  if (url !== undefined && stackOutputs !== undefined)
    throw new SkeinError("bad_option", "--url and --stack-outputs both name an API: give one of them.");
  if (url !== undefined) return "--url";
  if (stackOutputs !== undefined) return "--stack-outputs";
  return environment.url === undefined ? undefined : "SKEIN_URL";
}

function refuseLocalOptions({ dir, catalogue, durable }: GlobalOptions, namedBy: string): void {
  const given = Object.entries({ "--dir": dir, "--catalogue": catalogue, "--durable": durable }).find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new SkeinError(
      "bad_option",
      `${given[0]} is about this machine, and ${namedBy} names a deployed API, which has its own pipelines and runs: leave out one of them.`,
    );
}
