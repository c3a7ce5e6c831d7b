import type { CountedClient } from "./request-count.ts";

/** Where an AWS client finds its service. */
export interface ClientOptions {
  /** Default: the SDK's own search (environment, profile). */
  readonly region?: string | undefined;
  /** Of an emulator. Default: AWS, or what the SDK finds in the environment. */
  readonly endpoint?: string | undefined;
  /** Told of each client that is made: `RequestCounter.watch`. */
  readonly onClient?: ((client: CountedClient) => void) | undefined;
}

export interface ClientTuning {
  /** Tries of one request by the SDK, the first included. */
  readonly maxAttempts: number;
  /** What takes this long is lost. */
  readonly requestTimeout: number;
  /** Requests at once; the SDK queues more. */
  readonly maxSockets: number;
}

/** A connection that is not there after this is not coming. */
const connectionTimeout = 2_000;

/** What a client is made with: connections stay open between requests, and none is waited for without end. */
export function clientConfig({ region, endpoint }: ClientOptions, { maxAttempts, requestTimeout, maxSockets }: ClientTuning) {
  return {
    maxAttempts,
    requestHandler: {
      connectionTimeout,
      requestTimeout,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
