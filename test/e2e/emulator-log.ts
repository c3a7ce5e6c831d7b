import { readFile } from "node:fs/promises";

/** The log in which an emulator names each request that it gets; unset: it keeps none that we know of. */
export const emulatorLog = process.env["EMULATOR_LOG"];

export interface ServiceRequest {
  readonly at: number;
  /** As in `dynamodb.PutItem`. */
  readonly name: string;
}

/** All requests to a service since then, whoever made them. */
export async function requestsTo(service: string, from: number): Promise<readonly ServiceRequest[]> {
  if (emulatorLog === undefined) throw new Error("EMULATOR_LOG is not set");
  const found: ServiceRequest[] = [];
  for (const line of (await readFile(emulatorLog, "utf8")).split("\n")) {
    const [, time, name] = /^(\S+) .* AWS ([a-z0-9-]+\.\w+) => /.exec(line) ?? [];
    if (time === undefined || name === undefined || !name.startsWith(`${service}.`)) continue;
    const at = Date.parse(time);
    if (at >= from) found.push({ at, name });
  }
  return found;
}
