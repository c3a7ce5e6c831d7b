import type { RunId } from "../../model/id.ts";
import type { Wake } from "../../model/task.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TurnQueue } from "../../ports/turn-queue.ts";
import type { DelayQueue } from "./delay-queue.ts";
import { LambdaInvoker, maxEventBytes, type LambdaSource } from "./lambda-invoker.ts";
import type { TurnMessage } from "./lambda-message.ts";

export interface LambdaTurnQueueOptions {
  readonly lambda: LambdaSource;
  readonly clock: Clock;
  readonly delays: DelayQueue;
  /** Qualified ARN of the orchestrator's version that the run belongs to. */
  readonly targetOf: (run: RunId) => string | Promise<string>;
  /** How long an invocation is repeated that is throttled or finds nobody, in milliseconds; default 20,000. */
  readonly patienceMs?: number;
}

/** Asks for turns by asynchronous invocations of the orchestrator. */
export class LambdaTurnQueue implements TurnQueue {
  readonly #invoker: LambdaInvoker;
  readonly #delays: DelayQueue;
  readonly #targetOf: LambdaTurnQueueOptions["targetOf"];

  constructor({ delays, targetOf, ...invoking }: LambdaTurnQueueOptions) {
    this.#invoker = new LambdaInvoker(invoking);
    this.#delays = delays;
    this.#targetOf = targetOf;
  }

  /** @throws SkeinError `code_version_gone`, `operator_unavailable`. */
  async wake(wake: Wake, delayMs = 0): Promise<void> {
    const to = await this.#targetOf(wake.run);
    const message = messageOf(wake);
    return delayMs > 0 ? this.#delays.send(message, to, delayMs) : this.#invoker.invoke(to, message);
  }
}

/** An outcome that is too large to travel is left out: the turn reads it. */
function messageOf(wake: Wake): TurnMessage {
  const message: TurnMessage = { v: 1, kind: "turn", wake };
  if (wake.seen === undefined || Buffer.byteLength(JSON.stringify(message)) <= maxEventBytes) return message;
  const { seen: _, ...rest } = wake;
  return { v: 1, kind: "turn", wake: rest };
}
