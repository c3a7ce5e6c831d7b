import { findStep } from "../define/catalogue.ts";
import { outputNames, type StepDefinition } from "../define/definition.ts";
import { scope } from "../define/scope.ts";
import { parseInput } from "../define/step-values.ts";
import type { ErrorCode } from "../model/error-code.ts";
import { failureOf, SkeinError } from "../model/error.ts";
import type { Failure } from "../model/failure.ts";
import type { Outcome, Refs } from "../model/outcome.ts";
import type { Place } from "../model/place.ts";
import type { Ran, StepTask } from "../model/task.ts";
import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { LogSink } from "../ports/log-sink.ts";
import { AttemptLog } from "./attempt-log.ts";
import { captureConsole } from "./console.ts";
import { Deadline, type End } from "./deadline.ts";
import { loadInput } from "./load-input.ts";
import { costByOutage, isOutage } from "./outage.ts";
import { saveOutputs } from "./save-outputs.ts";
import { Scratch } from "./scratch.ts";
import { StepMetadata } from "./step-metadata.ts";
import { contextOf } from "./step-run-context.ts";

/** What a place gives to the step that it executes. */
export interface Workplace {
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly logs: LogSink;
  readonly place: Place;
  /** Artifact keys are `run/step/attempt/<nonce>/output`, so that no two writers share one (R6). */
  readonly nonce: string;
  /** When this process can work no more, epoch milliseconds; the step's own timeout may come sooner. */
  readonly until: number;
  /** Aborted by `cancel()`, a stop request or the place's own end. */
  readonly signal: AbortSignal;
  /** Text outputs up to this many bytes stay in the outcome instead of the artifact store; 0: none. */
  readonly inlineValues: number;
  /** Its stores may be out of reach for a while: an attempt that only they have failed is made again. Default false. */
  readonly outlastsOutages?: boolean;
  /** Kept free before `until`, milliseconds; default 2,000. */
  readonly reserveMs?: number;
  /** Told of work that ignores its signal and goes on although its attempt is over. */
  readonly onLeft?: (work: Promise<unknown>) => void;
}

/** Runs one attempt: the same code in every place. Never rejects: whatever goes wrong is a failed outcome. */
export async function executeStep(task: StepTask, workplace: Workplace): Promise<Ran> {
  captureConsole();
  const startedAt = workplace.clock.now();
  const log = new AttemptLog(task, workplace.clock, workplace.logs);
  const outcome = await outcomeOf(task, workplace, { startedAt, log });
  await log.flush();
  return { outcome, span: { startedAt, endedAt: workplace.clock.now(), place: workplace.place } };
}

async function outcomeOf(
  task: StepTask,
  workplace: Workplace,
  { startedAt, log }: { readonly startedAt: number; readonly log: AttemptLog },
): Promise<Outcome> {
  const { clock, until, reserveMs, signal, onLeft } = workplace;
  const { id, attempt } = task.key;
  try {
    const definition = findStep(task.step);
    const deadline = new Deadline(
      { clock, timeoutMs: task.policy.timeoutMs, until, reserveMs, signal, what: `step ${task.step} (${id}, attempt ${attempt})`, onLeft },
      startedAt,
    );
    const metadata = new StepMetadata(task.step, outputNames(definition.outputs));
    const scratch = new Scratch();
    const tools: Tools = { workplace, log, deadline, metadata, scratch, calling: false };
    const work = () => attemptOf(definition, task, tools);
    const end = await deadline.run(() => scope.run({ kind: "step", step: id, log: log.write }, work));
    await scratch.remove();
    return withMetadata(outcomeAt(end, task, tools), metadata);
  } catch (error) {
    return { status: "failed", error: failure(error, task, { workplace, calling: false }) };
  }
}

interface Tools {
  readonly workplace: Workplace;
  readonly log: AttemptLog;
  readonly deadline: Deadline;
  readonly metadata: StepMetadata;
  readonly scratch: Scratch;
  /** The step function is at work. */
  calling: boolean;
}

/** Everything that is the step's own: inputs, function, outputs. */
async function attemptOf(definition: StepDefinition, task: StepTask, tools: Tools): Promise<Refs> {
  const { workplace, deadline, metadata } = tools;
  const { artifacts, inlineValues, nonce } = workplace;
  const input = await parseInput(definition, await loadInput(task, { artifacts, scratch: tools.scratch }));
  deadline.checkStop();
  tools.calling = true;
  const returned: unknown = await Reflect.apply(definition.fn, undefined, [input, contextOf(task, tools)]);
  tools.calling = false;
  deadline.check();
  return saveOutputs(definition, returned, { task, nonce, metadata, sink: { artifacts, inlineValues, check: () => deadline.check() } });
}

function outcomeAt(end: End<Refs>, task: StepTask, tools: Tools): Outcome {
  switch (end.kind) {
    case "returned":
      return { status: "completed", outputs: end.value };
    case "stopped":
      return { status: "stopped", reason: end.reason };
    case "threw":
      return { status: "failed", error: failure(end.error, task, tools) };
  }
}

function withMetadata(outcome: Outcome, metadata: StepMetadata): Outcome {
  const own = metadata.of();
  return own === undefined || (outcome.status !== "completed" && outcome.status !== "failed") ? outcome : { ...outcome, metadata: own };
}

/** Before and after the step function, the same input and code fail in the same way again. */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "step_not_in_catalogue",
  "invalid_input",
  "undeclared_output",
  "unserializable_output",
  "materializer_missing",
]);

function failure(error: unknown, task: StepTask, { calling, workplace }: Pick<Tools, "calling" | "workplace">): Failure {
  const retryable = !calling && error instanceof SkeinError && hopeless.has(error.code) ? { retryable: false } : {};
  const mayRepeat = workplace.outlastsOutages === true && task.policy.delivery !== "at_most_once";
  const outage = !calling && mayRepeat && isOutage(error) ? costByOutage(task.key.attempt) : {};
  return { ...failureOf(error), step: task.key.id, ...retryable, ...outage };
}
