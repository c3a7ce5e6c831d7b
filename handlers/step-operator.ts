import type { Context } from "aws-lambda";
import { AbortLookout } from "../src/engine/abort-lookout.ts";
import { runStepAndTakeOn } from "../src/engine/baton.ts";
import { watchForeignCalls } from "../src/engine/foreign-calls.ts";
import { runIsolatedStep } from "../src/engine/step.ts";
import { TurnEnvironment } from "../src/engine/turn-environment.ts";
import { Cloud, deadlineOf, placeOf } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { isStepMessage } from "./messages.ts";
import { passing } from "./passing.ts";
import { ownRejections } from "./rejections.ts";

const environment = readEnvironment();
const cloud = await Cloud.open(environment);
const host = new TurnEnvironment({ leavesInline: true, passesBaton: true });
watchForeignCalls();
ownRejections();

/** Executes one attempt of an isolated step. Nothing of it is left to run when this returns. */
export async function handler(message: unknown, context: Context): Promise<void> {
  if (!isStepMessage(message)) throw new Error("The step operator was invoked with something that is no step message.");
  // Most likely it will be needed: its code loads while the first answer of DynamoDB is on its way.
  void cloud.lambda();
  const { task, route } = message;
  const invocation = { id: context.awsRequestId, began: Date.now(), until: deadlineOf(context), place: placeOf(context, "function") };
  const ports = cloud.ports(route);
  const lookout = new AbortLookout(task.key, ports);
  const step = { ...ports, place: invocation.place, until: invocation.until, signal: lookout.signal };
  const takesOn = Number(context.memoryLimitInMB) <= environment.batonMb;
  const work = () => (takesOn ? runStepAndTakeOn(task, step, { ports, invocation, host }) : runIsolatedStep(task, step));
  await cloud.restAfter(() => passing(work).finally(() => lookout.close()));
}
