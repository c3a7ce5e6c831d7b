import type { LambdaClient } from "@aws-sdk/client-lambda";
import { SkeinError } from "../../model/error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StepMessage, TurnMessage } from "./lambda-message.ts";
import { Patience, patiently } from "./patience.ts";
import { isNotFound, passes } from "./lambda-error.ts";
import { helpFor } from "./service-error.ts";

/** What Lambda takes as an event: 1 MB, see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. */
export const maxEventBytes = 1_000_000;

const refusals: Readonly<Record<string, string>> = {
  AccessDeniedException: "the role may not invoke it; grant it lambda:InvokeFunction on the function and its versions",
};

/** Opens the client when it is needed first: its code is the largest of all that a turn may do without. */
export type LambdaSource = () => Promise<LambdaClient>;

export interface LambdaInvokerOptions {
  readonly lambda: LambdaSource;
  readonly clock: Clock;
  /** How long an invocation is repeated that is throttled or finds nobody, in milliseconds; default 20,000. */
  readonly patienceMs?: number;
}

/** Invokes functions asynchronously: Lambda queues the event, and its functions' end is not waited for. */
export class LambdaInvoker {
  readonly #lambda: LambdaSource;
  readonly #clock: Clock;
  readonly #patienceMs: number;

  constructor({ lambda, clock, patienceMs = 20_000 }: LambdaInvokerOptions) {
    this.#lambda = lambda;
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /**
   * Returns when Lambda has taken the event; perhaps more than once.
   * @param to A qualified ARN.
   * @throws SkeinError `task_too_large`, `code_version_gone`, `operator_unavailable`.
   */
  async invoke(to: string, message: TurnMessage | StepMessage): Promise<void> {
    const event = eventOf(message);
    const [client, { invokeLater }] = await Promise.all([this.#lambda(), import("./lambda-client.ts")]);
    try {
      await patiently(new Patience(this.#patienceMs, this.#clock), passes, () => invokeLater(client, to, event));
    } catch (error) {
      throw invokeError(error, to, message);
    }
  }
}

/** The message as an event. */
export function eventOf(message: TurnMessage | StepMessage): Uint8Array {
  const event = Buffer.from(JSON.stringify(message));
  if (event.length > maxEventBytes) throw tooLarge(message, event.length);
  return event;
}

function invokeError(error: unknown, to: string, message: TurnMessage | StepMessage): unknown {
  if (!(error instanceof Error)) return error;
  const data = { function: to };
  if (isNotFound(error)) return versionGone(to, error);
  if (error.name === "RequestTooLargeException") return tooLarge(message, undefined, error);
  const help = helpFor(error, refusals) ?? "if it stays, look at the function's throttles and the account's concurrency";
  const what = `Lambda did not take an invocation of ${to}: ${error.name}: ${error.message}`;
  return new SkeinError("operator_unavailable", `${what}; ${help}`, { cause: error, data });
}

function versionGone(to: string, cause: Error): SkeinError {
  const advice = "a run needs the version that it started on, and cannot go on without it: start it again";
  return new SkeinError("code_version_gone", `the function ${to} is not there (any more); ${advice}`, { cause, data: { function: to } });
}

function tooLarge(message: TurnMessage | StepMessage, bytes: number | undefined, cause?: Error): SkeinError {
  const what = message.kind === "step" ? `the task of ${message.task.key.id} of ${message.task.key.run}` : `a wake of ${message.wake.run}`;
  const size = bytes === undefined ? "" : ` has ${bytes} bytes and`;
  const advice = "pass fewer artifacts to one step: let a step put them together first, or pass the output of a map as a whole";
  return new SkeinError("task_too_large", `${what}${size} exceeds ${maxEventBytes} bytes, which is what Lambda takes; ${advice}`, {
    cause,
  });
}
