import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

export interface DynamoDbClientOptions {
  /** Default: the SDK's own search (environment, profile). */
  readonly region?: string | undefined;
  /** Of an emulator. Default: AWS, or what the SDK finds in the environment. */
  readonly endpoint?: string | undefined;
}

/** A connection that is not there after this is not coming. */
const connectionTimeoutMs = 2_000;
/** DynamoDB answers within milliseconds; what takes this long is lost and is asked again (every write can be repeated, R6). */
const requestTimeoutMs = 6_000;
/** A map's range writes and reads many rows at once; the SDK's 50 sockets would queue them. */
const maxSockets = 128;

/**
 * The client of one environment. It tries once: `DynamoDbTable` repeats, since the SDK's own repetition waits from one second
 * on after a throttled request and has a budget that a burst of them exhausts, while a hot partition gives way in milliseconds.
 */
export function makeDynamoDbClient({ region, endpoint }: DynamoDbClientOptions = {}): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}
