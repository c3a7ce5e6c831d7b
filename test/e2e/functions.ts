import { InvokeCommand, LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";

const lambda = new LambdaClient({});

/** Invokes a function and gives what it returned. */
export async function invokeFunction(name: string, event: object = {}): Promise<unknown> {
  const { FunctionError: error, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  const text = payload?.transformToString() ?? "";
  if (error !== undefined) throw new Error(`${name} failed with ${error}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Its published versions that are there. */
export async function versionsOf(name: string): Promise<readonly string[]> {
  const versions: string[] = [];
  for await (const page of paginateListVersionsByFunction({ client: lambda }, { FunctionName: name }))
    versions.push(...(page.Versions ?? []).map(({ Version }) => Version ?? ""));
  return versions.filter((version) => version !== "$LATEST");
}
