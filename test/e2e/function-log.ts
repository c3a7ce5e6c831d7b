import { CloudWatchLogsClient, paginateFilterLogEvents, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";

export interface LoggedLine {
  readonly at: number;
  readonly stream: string;
  readonly text: string;
}

export interface Invocation {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly began: number;
  readonly ended: number;
}

const logs = new CloudWatchLogsClient({});

/** What a function wrote, and what Lambda wrote about it, oldest first. */
export async function functionLog(name: string, from = 0): Promise<readonly LoggedLine[]> {
  const lines: LoggedLine[] = [];
  try {
    for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName: `/aws/lambda/${name}`, startTime: from }))
      for (const { timestamp = 0, logStreamName = "", message = "" } of page.events ?? [])
        lines.push({ at: timestamp, stream: logStreamName, text: message });
  } catch (error) {
    // A function that has never run has no log group in the emulator.
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return lines.toSorted((a, b) => a.at - b.at);
}

/** A function's invocations that have ended, as Lambda's own REPORT lines tell them. */
export async function invocationsOf(name: string, from = 0): Promise<readonly Invocation[]> {
  return (await functionLog(name, from)).flatMap(({ at, text }) => {
    const [, requestId, duration] = /^REPORT RequestId: (\S+)\s+Duration: ([\d.]+) ms/.exec(text) ?? [];
    return requestId === undefined ? [] : [{ requestId, began: at - Number(duration), ended: at }];
  });
}

/** The versions of a function that have run, as Lambda's own START lines tell them. */
export async function versionsRun(name: string, from = 0): Promise<ReadonlySet<string>> {
  const versions = (await functionLog(name, from)).map(({ text }) => /^START RequestId: \S+ Version: (\S+)/.exec(text)?.[1]);
  return new Set(versions.filter((version) => version !== undefined));
}

/** What a function asked of AWS, as it counts with `countRequests`: services and operations, as in `DynamoDB.PutItem`. */
export async function requestsOf(name: string): Promise<ReadonlySet<string>> {
  const counts = (await functionLog(name)).flatMap(({ text }) => (text.startsWith('{"kind":"requests"') ? [JSON.parse(text)] : []));
  const services = counts.flatMap(({ requests }: { readonly requests: Readonly<Record<string, object>> }) => Object.entries(requests));
  return new Set(services.flatMap(([service, operations]) => Object.keys(operations).map((operation) => `${service}.${operation}`)));
}
