import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { LambdaInvoker } from "../src/adapters/aws/lambda-invoker.ts";
import type { DelayedMessage, StepMessage } from "../src/adapters/aws/lambda-message.ts";
import { noteStepDeath } from "../src/engine/step-death.ts";
import type { Wake } from "../src/model/task.ts";
import { Cloud } from "./cloud.ts";
import { readEnvironment } from "./env.ts";
import { deathOf, nextTurn } from "./failure-note.ts";
import { isDelayedMessage, isFailureNote, isStepMessage, isTurnMessage, type FailureNote } from "./messages.ts";

const cloud = await Cloud.open(readEnvironment());
const invoker = new LambdaInvoker({ lambda: cloud.lambda, clock: cloud.clock });

/** Takes what comes out of the queue: messages whose time has come, and notes of invocations that failed. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const failed = await cloud.restAfter(() => Promise.all(Records.map(tryToDeliver)));
  return { batchItemFailures: failed.flat() };
}

async function tryToDeliver({ messageId, body }: SQSRecord): Promise<SQSBatchResponse["batchItemFailures"]> {
  try {
    await deliver(JSON.parse(body));
    return [];
  } catch (error) {
    cloud.complain("a message could not be delivered, and comes again or ends in the dead-letter queue", error);
    return [{ itemIdentifier: messageId }];
  }
}

async function deliver(message: unknown): Promise<void> {
  if (isDelayedMessage(message)) return passOn(message);
  if (isFailureNote(message)) return note(message);
  throw new Error("This is neither a delayed message nor the note of a failed invocation.");
}

/** SQS keeps nothing for longer than 15 minutes: what is not due yet goes in again. */
async function passOn(delayed: DelayedMessage): Promise<void> {
  if (delayed.dueAt > cloud.clock.now()) await cloud.delays.again(delayed);
  else await invoker.invoke(delayed.to, delayed.message);
}

async function note(failure: FailureNote): Promise<void> {
  const { requestPayload: message } = failure;
  if (isStepMessage(message)) await noteStep(message, failure);
  else if (isTurnMessage(message)) await noteTurn(message.wake, failure);
  else throw new Error("The failed invocation was asked for something unknown.");
}

async function noteStep(message: StepMessage, failure: FailureNote): Promise<void> {
  const ports = cloud.ports(message.route);
  const death = deathOf(failure, message.task);
  // It never ran: whoever claims the attempt first has it, so that launching it again is safe (I8).
  if (death === "never ran") await ports.operator.launch(message.task);
  else await noteStepDeath(message.task, { reason: death, requestId: failure.requestContext.requestId }, ports);
}

/** The destination always wakes, whatever became of the turn (R5), or leaves it to the sweeper. */
async function noteTurn(wake: Wake, failure: FailureNote): Promise<void> {
  const { state, turns } = cloud.ports({ orchestrator: failure.requestContext.functionArn, operators: [] });
  const next = await nextTurn(wake, failure, {
    crashes: async () => (await state.readRun(wake.run))?.crashes?.invocations.length ?? 0,
    isHeldBy: async (invocation) => {
      const head = await state.readHead(wake.run);
      return head?.wait === false && head.invocation === invocation;
    },
  });
  if (next !== undefined) await turns.wake(next.wake, next.delayMs);
}
