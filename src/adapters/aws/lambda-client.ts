import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { clientConfig } from "./client-config.ts";
import type { ClientOptions } from "./client-config.ts";

/** Lambda takes an event within tens of milliseconds; a repeated one does no harm, since claims are won once. */
const requestTimeout = 10_000;
/** A turn launches many steps at once; the SDK's 50 sockets would queue them. */
const maxSockets = 128;

/** The client of one environment. It tries once: `LambdaInvoker` repeats, for the reasons that `makeDynamoDbClient` has. */
export function makeLambdaClient(options: ClientOptions = {}): LambdaClient {
  const client = new LambdaClient(clientConfig(options, { maxAttempts: 1, requestTimeout, maxSockets }));
  options.onClient?.(client);
  return client;
}

/** Asks for an asynchronous invocation. `to`: a qualified ARN. */
export async function invokeLater(client: LambdaClient, to: string, event: Uint8Array): Promise<void> {
  await client.send(new InvokeCommand({ FunctionName: to, InvocationType: "Event", Payload: event }));
}
