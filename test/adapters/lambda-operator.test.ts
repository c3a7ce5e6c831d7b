import { describe, expect, test } from "vitest";
import type { DelayQueue } from "../../src/adapters/aws/delay-queue.ts";
import type { Route, StepMessage, TurnMessage } from "../../src/adapters/aws/lambda-message.ts";
import { LambdaOperator, type LambdaOperatorOptions } from "../../src/adapters/aws/lambda-operator.ts";
import { LambdaTurnQueue } from "../../src/adapters/aws/lambda-turn-queue.ts";
import { makeRunId } from "../../src/model/id.ts";
import type { CallPolicy } from "../../src/model/policy.ts";
import type { StepTask, Wake } from "../../src/model/task.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { serviceError } from "./dynamodb-state-faults.ts";
import { lambdaThat, type Invocation } from "./lambda-answers.ts";

const run = makeRunId(1_764_000_000_000, "aaaaaaaaaa");
const route: Route = {
  orchestrator: "arn:orchestrator:7",
  operators: [
    { name: "large", memoryMb: 3_008, functions: ["arn:large:4"] },
    { name: "small", memoryMb: 512, functions: ["arn:small:4", "arn:small-2:4", "arn:small-3:4"] },
    { name: "medium", memoryMb: 1_769, functions: ["arn:medium:4"] },
  ],
};

function aTask(policy: CallPolicy = {}, changes: Partial<StepTask> = {}): StepTask {
  return {
    v: 1,
    key: { run, id: "fit", attempt: 1 },
    pipeline: "p",
    step: "fit",
    input: { literal: "{}" },
    edges: [],
    policy,
    ...changes,
  };
}

interface Delayed {
  readonly message: TurnMessage | StepMessage;
  readonly to: string;
  readonly delayMs: number;
}

function anOperator(
  answer?: (invocation: Invocation, number: number) => void,
  options: Partial<LambdaOperatorOptions> = {},
): { readonly operator: LambdaOperator; readonly invocations: readonly Invocation[]; readonly delayed: readonly Delayed[] } {
  const delayed: Delayed[] = [];
  const delays: DelayQueue = { send: async (message, to, delayMs) => void delayed.push({ message, to, delayMs }) };
  const { lambda, invocations } = lambdaThat(answer);
  return { operator: new LambdaOperator({ lambda, route, delays, clock: new RunningClock(), ...options }), invocations, delayed };
}

/** Time passes only by waiting, which takes none. */
class RunningClock implements Clock {
  #now = 1_764_000_000_000;
  now(): number {
    return this.#now;
  }
  async wait(ms: number): Promise<void> {
    this.#now += ms;
  }
}

describe("launching on Lambda", () => {
  test("hands the task with the run's functions to one of them, as an event", async () => {
    const { operator, invocations } = anOperator();
    await operator.launch(aTask({ operator: "large" }));
    const message = { v: 1, kind: "step", task: aTask({ operator: "large" }), route };
    expect(invocations).toEqual([{ to: "arn:large:4", type: "Event", message }]);
  });

  test.each([
    [{ memoryMb: 512 }, "arn:small"],
    [{ memoryMb: 513 }, "arn:medium"],
    [{ cpu: 0.25 }, "arn:small"],
    [{ cpu: 1, memoryMb: 100 }, "arn:medium"],
    [{ cpu: 1.5 }, "arn:large"],
    [{ operator: "medium", memoryMb: 100 }, "arn:medium"],
    [{}, "arn:small"],
  ] satisfies [CallPolicy, string][])("%j goes to the smallest operator that has it, or the named one: %s", async (policy, function_) => {
    const { operator, invocations } = anOperator();
    await operator.launch(aTask(policy));
    expect(invocations[0]?.to).toMatch(new RegExp(`^${function_}(-\\d)?:4$`));
  });

  test("spreads attempts over an operator's clones, an attempt always to the same", async () => {
    const { operator, invocations } = anOperator();
    const tasks = Array.from({ length: 300 }, (_, i) => aTask({}, { key: { run, id: `fit[${i}]`, attempt: 1 } }));
    for (const task of [...tasks, ...tasks]) await operator.launch(task);
    const places = invocations.map(({ to }) => to);
    expect(places.slice(300)).toEqual(places.slice(0, 300));
    for (const clone of ["arn:small:4", "arn:small-2:4", "arn:small-3:4"]) {
      expect(places.slice(0, 300).filter((to) => to === clone).length).toBeGreaterThan(60);
    }
  });

  test("a delayed one goes through the queue", async () => {
    const { operator, invocations, delayed } = anOperator();
    const task = aTask({ operator: "large" });
    await operator.launch(task, 1_500);
    expect(invocations).toEqual([]);
    const message = { v: 1, kind: "step", task, route };
    expect(delayed).toEqual([{ message, to: "arn:large:4", delayMs: 1_500 }]);
  });

  test.each([
    ["throttled", serviceError("TooManyRequestsException", 429)],
    ["while the function changes", serviceError("ResourceConflictException", 409)],
    ["with an error of the service", serviceError("ServiceException", 500)],
    ["by a broken connection", Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })],
  ])("refused %s, it is repeated", async (_, error) => {
    const { operator, invocations } = anOperator((_invocation, number) => {
      if (number < 5) throw error;
    });
    await operator.launch(aTask());
    expect(invocations).toHaveLength(5);
  });

  test("gives up when patience runs out, and says what to look at", async () => {
    const throttle = () => {
      throw serviceError("TooManyRequestsException", 429);
    };
    const { operator, invocations } = anOperator(throttle, { patienceMs: 20_000 });
    await expect(operator.launch(aTask())).rejects.toMatchObject({
      code: "operator_unavailable",
      message: expect.stringMatching(/arn:small.*TooManyRequestsException.*throttles/),
    });
    expect(invocations.length).toBeGreaterThan(8);
    expect(invocations.length).toBeLessThan(60);
  });

  test.each([
    ["AccessDeniedException", 403, "operator_unavailable", "lambda:InvokeFunction"],
    ["ResourceNotFoundException", 404, "code_version_gone", "arn:large:4"],
    ["RequestTooLargeException", 413, "task_too_large", "fit"],
  ])("%s is not repeated: %s", async (name, status, code, word) => {
    const { operator, invocations } = anOperator(() => {
      throw serviceError(name, status);
    });
    const launched = operator.launch(aTask({ operator: "large" }));
    await expect(launched).rejects.toMatchObject({ code, message: expect.stringContaining(word) });
    expect(invocations).toHaveLength(1);
  });

  test.each([0, 5_000])("a task above what Lambda takes is refused before it is sent, delay %i", async (delayMs) => {
    const { operator, invocations, delayed } = anOperator();
    const artifact = { id: "a", digest: "d", bytes: 1, mediaType: "m", materializer: "json", at: { key: "k".repeat(200) } };
    const edges = Array.from({ length: 4_000 }, (_, i) => ({ path: ["all", i], artifact }));
    const launched = operator.launch(aTask({}, { edges }), delayMs);
    await expect(launched).rejects.toMatchObject({ code: "task_too_large", message: expect.stringMatching(/fit of run_.*1000000 bytes/) });
    expect([invocations, delayed]).toEqual([[], []]);
  });

  test("needs that no operator has are an error, should they come this far", async () => {
    await expect(anOperator().operator.launch(aTask({ operator: "gpu" }))).rejects.toMatchObject({ code: "missing_operator" });
  });
});

describe("refusing on Lambda", () => {
  const { operator } = anOperator(undefined, { maxStepMs: 600_000 });

  test.each([
    [{ operator: "gpu" }, /"gpu".*"large" \(3008 MB\), "small" \(512 MB\), "medium" \(1769 MB\)/],
    [{ memoryMb: 4_096 }, /4096 MB.*"large", has 3008 MB/],
    [{ operator: "small", memoryMb: 600 }, /600 MB.*"small", has 512 MB/],
    [{ cpu: 2 }, /2 vCPU.*3538 MB.*"large", has 3008 MB/],
    [{ operator: "medium", cpu: 1.1 }, /1\.1 vCPU.*"medium", has 1769 MB/],
    [{ timeoutMs: 600_001 }, /timeout is 10 m 00 s/],
  ])("%j", (needs, why) => {
    expect(operator.refuses(needs)).toMatch(why);
  });

  test("nothing where an operator has what is needed", () => {
    for (const needs of [{}, { operator: "small" }, { memoryMb: 3_008, timeoutMs: 600_000 }, { cpu: 1 }])
      expect(operator.refuses(needs)).toBeUndefined();
  });

  test("everything where there is no operator", () => {
    expect(anOperator(undefined, { route: { ...route, operators: [] } }).operator.refuses({})).toMatch(/no step operators/);
  });
});

describe("waking on Lambda", () => {
  function aQueue() {
    const delayed: Delayed[] = [];
    const delays: DelayQueue = { send: async (message, to, delayMs) => void delayed.push({ message, to, delayMs }) };
    const { lambda, invocations } = lambdaThat();
    const targetOf = async (of: string) => (of === run ? "arn:orchestrator:7" : "arn:orchestrator:8");
    return { queue: new LambdaTurnQueue({ lambda, delays, clock: new RunningClock(), targetOf }), invocations, delayed };
  }
  const wake: Wake = { v: 1, run, reason: "start" };

  test("invokes the run's version of the orchestrator, or leaves that to the queue", async () => {
    const { queue, invocations, delayed } = aQueue();
    await queue.wake(wake);
    await queue.wake({ ...wake, reason: "timer" }, 7_000);
    expect(invocations).toEqual([{ to: "arn:orchestrator:7", type: "Event", message: { v: 1, kind: "turn", wake } }]);
    const later = { v: 1, kind: "turn", wake: { ...wake, reason: "timer" } };
    expect(delayed).toEqual([{ message: later, to: "arn:orchestrator:7", delayMs: 7_000 }]);
  });

  test("an outcome that is too large to travel is left for the turn to read", async () => {
    const { queue, invocations } = aQueue();
    const seen = (characters: number): Wake => ({
      ...wake,
      seen: { id: "fit", attempt: 1, outcome: { status: "completed", outputs: {}, metadata: { text: "日".repeat(characters) } } },
    });
    await queue.wake(seen(1_000));
    await queue.wake(seen(400_000));
    expect(invocations.map(({ message }) => message)).toEqual([
      { v: 1, kind: "turn", wake: seen(1_000) },
      { v: 1, kind: "turn", wake },
    ]);
  });
});
