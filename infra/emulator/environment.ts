import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

/** What the environment says about emulators. */
export interface EmulatorEnvironment {
  /** `AWS_ENDPOINT_URL`: AWS answers there already. */
  readonly endpoint: string | undefined;
  /** `EMULATOR_PORT`: where an emulator of our own listens; default 4566. */
  readonly port: number;
  /** Where what is installed for emulators stays. */
  readonly cacheDir: string;
  readonly region: string;
}

export function readEmulatorEnvironment(): EmulatorEnvironment {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION, AWS_DEFAULT_REGION, EMULATOR_PORT: port, XDG_CACHE_HOME: caches } = process.env;
  return {
    endpoint: nonEmpty(endpoint),
    port: Number(nonEmpty(port) ?? 4566),
    cacheDir: join(nonEmpty(caches) ?? join(homedir(), ".cache"), "skein"),
    region: nonEmpty(AWS_REGION) ?? nonEmpty(AWS_DEFAULT_REGION) ?? "us-east-1",
  };
}

/** What makes a client talk to an emulator, with an account that opens nothing anywhere else. */
export function clientVariables(endpoint: string, region: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
}

/** From here on this process, and those that it starts, are clients of an emulator and of nothing else. */
export function becomeClient(endpoint: string, region: string): void {
  Object.assign(process.env, clientVariables(endpoint, region));
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN"]) Reflect.deleteProperty(process.env, name);
}

/** For an emulator's process: `node` is the one that runs this, and nothing that is meant for clients is in its way. */
export function emulatorVariables(): NodeJS.ProcessEnv {
  const { PATH = "", ...rest } = process.env;
  const own = Object.entries(rest).filter(([name]) => !/^(AWS_|NODE_|npm_|VITEST)/.test(name));
  return { ...Object.fromEntries(own), PATH: [dirname(process.execPath), PATH].join(delimiter) };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
