import type { StepMessage, TurnMessage } from "./lambda-message.ts";

/** Holds messages until their time. */
export interface DelayQueue {
  /** `to`: qualified ARN of the function that gets the message, no sooner than `delayMs` from now and perhaps later. */
  send(message: TurnMessage | StepMessage, to: string, delayMs: number): Promise<void>;
}
