import { makeLambdaClient } from "../../src/adapters/aws/lambda-client.ts";
import type { LambdaSource } from "../../src/adapters/aws/lambda-invoker.ts";

export interface Invocation {
  readonly to: string;
  readonly type: string;
  readonly message: unknown;
}

/** A client whose requests go nowhere: `answer` may throw what Lambda would answer. `invocations`: what was asked for. */
export function lambdaThat(answer: (invocation: Invocation, number: number) => void = () => undefined): {
  readonly lambda: LambdaSource;
  readonly invocations: readonly Invocation[];
} {
  const invocations: Invocation[] = [];
  const client = makeLambdaClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1" });
  client.middlewareStack.add(
    () => async (args) => {
      if (!("Payload" in args.input) || !(args.input.Payload instanceof Uint8Array)) throw new Error("this is no invocation");
      const { FunctionName: to = "", InvocationType: type = "", Payload: payload } = args.input;
      const invocation = { to, type, message: JSON.parse(Buffer.from(payload).toString()) };
      invocations.push(invocation);
      answer(invocation, invocations.length);
      return { output: { $metadata: {}, StatusCode: 202 }, response: {} };
    },
    { name: "answering", step: "initialize" },
  );
  return { lambda: async () => client, invocations };
}
