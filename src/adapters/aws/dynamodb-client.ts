import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientConfig } from "./client-config.ts";
import type { ClientOptions } from "./client-config.ts";

/** DynamoDB answers within milliseconds; what takes this long is lost and is asked again (every write can be repeated, R6). */
const requestTimeout = 6_000;
/** A map's range writes and reads many rows at once; the SDK's 50 sockets would queue them. */
const maxSockets = 128;

/**
 * The client of one environment. It tries once: `DynamoDbTable` repeats, since the SDK's own repetition waits from one second
 * on after a throttled request and has a budget that a burst of them exhausts, while a hot partition gives way in milliseconds.
 */
export function makeDynamoDbClient(options: ClientOptions = {}): DynamoDBClient {
  const client = new DynamoDBClient(clientConfig(options, { maxAttempts: 1, requestTimeout, maxSockets }));
  options.onClient?.(client);
  return client;
}
