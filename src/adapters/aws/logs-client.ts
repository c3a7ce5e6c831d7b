import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { clientConfig } from "./client-config.ts";
import type { ClientOptions } from "./client-config.ts";

/** Searching a large group takes seconds, and `FilterLogEvents` is limited to a few requests a second. */
const tuning = { maxAttempts: 8, requestTimeout: 25_000, maxSockets: 10 };

export function makeLogsClient(options: ClientOptions = {}): CloudWatchLogsClient {
  const client = new CloudWatchLogsClient(clientConfig(options, tuning));
  options.onClient?.(client);
  return client;
}

/** Which events of a log group are asked for; times are epoch milliseconds, both included. */
export interface LogSearch {
  readonly group: string;
  readonly pattern: string;
  readonly from: number;
  readonly to: number | undefined;
}

/** The events, by time; none where the group is not there, since a function that never ran has none. */
export async function* searchLogs(client: CloudWatchLogsClient, { group, pattern, from, to }: LogSearch): AsyncGenerator<FilteredLogEvent> {
  let token: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: group,
      filterPattern: pattern,
      startTime: from,
      ...(to === undefined ? {} : { endTime: to }),
      ...(token === undefined ? {} : { nextToken: token }),
    });
    const { events = [], nextToken } = await client.send(command).catch((error: unknown) => {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return { events: [], nextToken: undefined };
      throw error;
    });
    yield* events;
    token = nextToken;
  } while (token !== undefined);
}
