import type { DelayedMessage, StepMessage, TurnMessage } from "../src/adapters/aws/lambda-message.ts";

/** Lambda's note of an asynchronous invocation that failed, as it sends it to the on-failure destination. */
export interface FailureNote {
  readonly requestContext: {
    readonly requestId: string;
    /** With the qualifier that was invoked. */
    readonly functionArn: string;
    /** `RetriesExhausted`, `EventAgeExceeded`, … */
    readonly condition: string;
  };
  readonly requestPayload: TurnMessage | StepMessage;
  /** Absent where the function was never run. */
  readonly responseContext?: { readonly functionError?: string | null };
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string } | null;
}

export function isTurnMessage(value: unknown): value is TurnMessage {
  return isMessage(value, "turn") && "wake" in value;
}

export function isStepMessage(value: unknown): value is StepMessage {
  return isMessage(value, "step") && "task" in value && "route" in value;
}

export function isDelayedMessage(value: unknown): value is DelayedMessage {
  return isMessage(value, "delayed") && "message" in value && "to" in value;
}

export function isFailureNote(value: unknown): value is FailureNote {
  return typeof value === "object" && value !== null && "requestContext" in value && "requestPayload" in value;
}

/** Messages have a version, so that a later one can tell those that an earlier one sent. */
function isMessage(value: unknown, kind: string): value is object {
  return typeof value === "object" && value !== null && Reflect.get(value, "v") === 1 && Reflect.get(value, "kind") === kind;
}
