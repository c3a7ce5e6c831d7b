import type { DynamoDBClient, ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-dynamodb";

const writes: ReadonlySet<string> = new Set(["PutItemCommand", "UpdateItemCommand", "BatchWriteItemCommand", "TransactWriteItemsCommand"]);

function networkError(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

/** Every write takes effect, or fails its condition, and the first answer to it never arrives. */
export function loseFirstResponses(client: DynamoDBClient): DynamoDBClient {
  const seen = new Set<string>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = JSON.stringify(args.input);
      const first = writes.has(String(context["commandName"])) && !seen.has(request);
      seen.add(request);
      if (!first) return next(args);
      await next(args).catch(() => undefined);
      throw networkError();
    },
    { name: "loseFirstResponses", step: "initialize" },
  );
  return client;
}

export type Answer = (operation: string, input: ServiceInputTypes, real: () => Promise<ServiceOutputTypes>) => Promise<ServiceOutputTypes>;

/** `answer` stands between the store and the server, or for the server. */
export function answering(client: DynamoDBClient, answer: Answer): DynamoDBClient {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const output = await answer(
        String(context["commandName"]).replace(/Command$/, ""),
        args.input,
        async () => (await next(args)).output,
      );
      return { output, response: {} };
    },
    { name: "answering", step: "initialize" },
  );
  return client;
}

/** An error as the SDK throws it. */
export function serviceError(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(`${name} for the test`), { name, $metadata: { httpStatusCode } });
}
