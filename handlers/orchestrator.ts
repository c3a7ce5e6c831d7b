import type { Context } from "aws-lambda";
import { watchForeignCalls } from "../src/engine/foreign-calls.ts";
import { ownRejections } from "./rejections.ts";
import { TurnEnvironment } from "../src/engine/turn-environment.ts";
import { takeTurn } from "../src/engine/turn.ts";
import { Cloud, deadlineOf, placeOf } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { isTurnMessage } from "./messages.ts";
import { passing } from "./passing.ts";

const environment = readEnvironment();
const cloud = await Cloud.open(environment);
const host = new TurnEnvironment({ hotWaitMs: environment.hotWaitMs, passesBaton: environment.batonMb > 0 });
watchForeignCalls();
ownRejections();

/** Takes one turn of a run. Nothing of it is left to run when this returns: Lambda freezes the environment then. */
export async function handler(message: unknown, context: Context): Promise<void> {
  if (!isTurnMessage(message)) throw new Error("The orchestrator was invoked with something that is no turn message.");
  // Most likely it will be needed: its code loads while the first answer of DynamoDB is on its way.
  void cloud.lambda();
  const began = Date.now();
  const route = { orchestrator: context.invokedFunctionArn, operators: environment.operators };
  const invocation = { id: context.awsRequestId, began, until: deadlineOf(context), place: placeOf(context, "orchestrator") };
  await cloud.restAfter(() => passing(() => takeTurn(message.wake, cloud.ports(route), invocation, host)));
}
