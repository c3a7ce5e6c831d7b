import { hash } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import type { StepTask } from "../../model/task.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Needs, StepOperator } from "../../ports/step-operator.ts";
import type { DelayQueue } from "./delay-queue.ts";
import { eventOf, LambdaInvoker, type LambdaSource } from "./lambda-invoker.ts";
import type { OperatorTarget, Route, StepMessage } from "./lambda-message.ts";
import { operatorFor, operatorRefusal } from "./operator-choice.ts";

/** Lambda's 15 minutes, without what an operator needs to write how the step ended. */
const defaultMaxStepMs = 15 * 60_000 - 5_000;

export interface LambdaOperatorOptions {
  readonly lambda: LambdaSource;
  readonly clock: Clock;
  /** The functions of the runs whose steps are launched. */
  readonly route: Route;
  readonly delays: DelayQueue;
  /** How long a step may take in an operator, in milliseconds; default 895,000. */
  readonly maxStepMs?: number;
  /** How long an invocation is repeated that is throttled or finds nobody, in milliseconds; default 20,000. */
  readonly patienceMs?: number;
}

/** Hands tasks to functions, by asynchronous invocation of one of the run's version. */
export class LambdaOperator implements Pick<StepOperator, "launch" | "refuses"> {
  readonly #invoker: LambdaInvoker;
  readonly #route: Route;
  readonly #delays: DelayQueue;
  readonly #maxStepMs: number;

  constructor({ route, delays, maxStepMs = defaultMaxStepMs, ...invoking }: LambdaOperatorOptions) {
    this.#invoker = new LambdaInvoker(invoking);
    this.#route = route;
    this.#delays = delays;
    this.#maxStepMs = maxStepMs;
  }

  /** @throws SkeinError `missing_operator`, `task_too_large`, `code_version_gone`, `operator_unavailable`. */
  async launch(task: StepTask, delayMs = 0): Promise<void> {
    const to = functionFor(task, this.#operatorFor(task));
    const message: StepMessage = { v: 1, kind: "step", task, route: this.#route };
    if (delayMs <= 0) return this.#invoker.invoke(to, message);
    // The queue takes a little more than Lambda does; here is somebody to tell.
    eventOf(message);
    return this.#delays.send(message, to, delayMs);
  }

  refuses(needs: Needs): string | undefined {
    return operatorRefusal(this.#route.operators, needs, this.#maxStepMs);
  }

  #operatorFor({ key, policy }: StepTask): OperatorTarget {
    const found = operatorFor(this.#route.operators, policy);
    if (found !== undefined) return found;
    throw new SkeinError("missing_operator", `No step operator can run ${key.id} of ${key.run}: ${this.refuses(policy) ?? "none fits"}.`);
  }
}

/** Of an operator's clones always the same for one attempt, so that launching it again finds an environment that may know it. */
function functionFor({ key }: StepTask, { functions }: OperatorTarget): string {
  const [first] = functions;
  if (functions.length === 1) return first;
  const spread = hash("sha256", `${key.run} ${key.id} ${key.attempt}`, "buffer").readUInt32BE(0);
  return functions[spread % functions.length] ?? first;
}
