import type { EndedAttempt } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import { retryDelayMs } from "../model/policy.ts";
import type { OutcomeSeen } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { Ran, StepTask } from "../model/task.ts";
import type { InlineRunner } from "../ports/inline-runner.ts";
import { recordInlineItems } from "../record/attempt.ts";
import { isForOthers, keepOutcome } from "../record/keep.ts";
import { mapOutcome } from "./close-map.ts";
import { factsOf } from "./launch-map.ts";
import type { Before, Beginning } from "./inline-beginning.ts";
import { interrupted } from "./interruption.ts";
import { itemStates } from "./map-items.ts";
import type { MapRange } from "./map-range.ts";
import { lookUpCache } from "./node-task.ts";
import type { Invocation, Ports } from "./ports.ts";
import { refusal } from "./refusal.ts";
import type { TurnTime } from "./turn-time.ts";

/** Items that one thread takes at a time, at the most: enough to hide the messages, few enough to share the work evenly. */
const maxBatch = 64;
/** Batches that each thread gets of a map, so that a slow item holds up little. */
const batchesPerThread = 8;
const batchMs = 1_000;

/** There was no time for some of a map's items: they are the next turn's, from this moment on (epoch milliseconds). */
export interface Left {
  readonly leftUntil: number;
}

/** An item that failed is to be tried again. */
interface Retry {
  readonly index: number;
  readonly delayMs: number;
}

/**
 * Runs the items of a map inline: in batches on the runner's threads, their rows written a batch at a time by the turn that holds
 * the lease. Started again after a crash, it runs only what has no final row.
 */
export class InlineMap {
  readonly #range: MapRange;
  readonly #runner: InlineRunner;
  readonly #ports: Ports;
  readonly #invocation: Invocation;
  readonly #finals: (Outcome | undefined)[];
  readonly #failures = new Map<number, number>();
  /** How items failed that are to be retried, by index. */
  readonly #mendable = new Map<number, Outcome>();
  /** Attempts that have ended, by index. */
  readonly #attempts = new Map<number, number>();
  readonly #todo: number[] = [];
  /** When the retries of items that an earlier turn left are due, by index; epoch milliseconds. */
  readonly #dueAt = new Map<number, number>();
  #leftUntil: number | undefined;
  readonly #time: TurnTime;
  #tookMs = 0;
  #took = 0;
  #unwritten: { readonly key: StepTask["key"]; readonly row: EndedAttempt }[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(range: MapRange, runner: InlineRunner, ports: Ports, at: { readonly invocation: Invocation; readonly time: TurnTime }) {
    this.#range = range;
    this.#runner = runner;
    this.#ports = ports;
    this.#invocation = at.invocation;
    this.#time = at.time;
    this.#finals = Array.from({ length: range.shape.items }, () => undefined);
  }

  async run(signal: AbortSignal, { before, refused }: Pick<Beginning, "before" | "refused">): Promise<OutcomeSeen | Left> {
    const { shape, node } = this.#range;
    const startedAt = this.#ports.clock.now();
    if (before !== "new") await this.#takeOver(before);
    if (refused !== undefined) this.#giveUp((id) => ({ status: "failed", error: refusal(id, "inline_timeout_too_long", refused) }));
    for (let index = 0; index < shape.items; index++)
      if (this.#finals[index] === undefined && !this.#dueAt.has(index)) this.#todo.push(index);
    this.#todo.reverse();
    const width = Math.max(1, Math.min(this.#runner.width, shape.width));
    const batch = Math.max(
      1,
      Math.min(maxBatch, Math.ceil(this.#todo.length / (this.#runner.width * batchesPerThread)), Math.floor(shape.width / width)),
    );
    await Promise.all(Array.from({ length: width }, () => this.#work(batch, signal)));
    await this.#retryLeft(signal);
    await this.#flush();
    if (this.#todo.length > 0) this.#leave(this.#ports.clock.now());
    if (this.#leftUntil !== undefined && !signal.aborted) return { leftUntil: this.#leftUntil };
    const { outcome, counts } = await mapOutcome(factsOf(this.#range), shape, this.#cut(signal), this.#ports);
    const at = this.#ports.clock.now();
    const { place } = this.#invocation;
    return { t: "outcome", id: node.id, attempt: node.attempt, outcome, at, counts, span: { startedAt, endedAt: at, place } };
  }

  async #takeOver(before: Exclude<Before, "new">): Promise<void> {
    const { shape, run, policy } = this.#range;
    for (const state of itemStates(await this.#ports.state.readItems(run.id, shape), policy).values()) {
      this.#finals[state.index] = state.final;
      this.#failures.set(state.index, state.failures);
      this.#attempts.set(state.index, state.attempt);
      if (state.final !== undefined || state.row.status !== "ended") continue;
      this.#mendable.set(state.index, state.row.outcome);
      const dueAt = state.row.endedAt + (state.retryAfterMs ?? 0);
      if (dueAt > this.#ports.clock.now()) this.#dueAt.set(state.index, dueAt);
    }
    if (policy.delivery !== "at_most_once" || before === "handed over") return;
    // Any of those that left no row may have run.
    this.#giveUp((id) => interrupted(id, "it may run at most once"));
  }

  #giveUp(outcomeOf: (id: StepRunId) => Outcome): void {
    for (let index = 0; index < this.#range.shape.items; index++) {
      if (this.#finals[index] !== undefined) continue;
      const task = this.#task(index);
      this.#note(task, outcomeOf(task.key.id), { endedAt: this.#ports.clock.now() });
    }
  }

  /** An item's next attempt. */
  #task(index: number): StepTask {
    const task = this.#range.task(index);
    const attempt = (this.#attempts.get(index) ?? 0) + 1;
    return { ...task, key: { ...task.key, attempt } };
  }

  /** With what a stop request kept from starting: where it was a retry, the item has failed with what that was to mend. */
  #cut(signal: AbortSignal): readonly (Outcome | undefined)[] {
    if (!signal.aborted) return this.#finals;
    return this.#finals.map((final, index) => final ?? this.#mendable.get(index) ?? { status: "cancelled", reason: String(signal.reason) });
  }

  async #work(batch: number, signal: AbortSignal): Promise<void> {
    for (let isFirst = true; this.#todo.length > 0 && !signal.aborted; isFirst = false) {
      if (!isFirst && !this.#hasRoom(0)) return;
      const began = this.#ports.clock.now();
      const indexes = this.#take(this.#fitting(batch));
      const tasks = await this.#tasksOf(indexes);
      const again: Retry[] = [];
      await this.#runner.run(tasks, signal, (i, ran) => this.#end(tasks[i], ran, again));
      this.#took += indexes.length;
      this.#tookMs += this.#ports.clock.now() - began;
      await this.#flush();
      for (const { index, delayMs } of again) await this.#retry(index, delayMs, signal);
    }
  }

  #hasRoom(delayMs: number): boolean {
    return this.#time.hasRoomFor(this.#range.policy.timeoutMs, false, delayMs);
  }

  /** Some items are the next turn's, which has something to do from then on. */
  #leave(until: number): void {
    this.#leftUntil = Math.min(until, this.#leftUntil ?? Infinity);
  }

  /** Where time is short, a batch is of as many items as are done in a second. */
  #fitting(batch: number): number {
    if (!this.#time.isBounded) return batch;
    return this.#took === 0 ? 1 : Math.max(1, Math.min(batch, Math.floor((batchMs * this.#took) / Math.max(1, this.#tookMs))));
  }

  /** The function has cancelled this item; one that is already in a thread's batch runs to its end. */
  #isGivenUp(task: StepTask): boolean {
    const reason = task.key.item === undefined ? undefined : this.#range.node.itemNodes[task.key.item.index]?.cancelReason;
    if (reason === undefined) return false;
    this.#note(task, { status: "cancelled", reason }, { endedAt: this.#ports.clock.now() });
    return true;
  }

  #take(count: number): readonly number[] {
    return this.#todo.splice(-count).reverse();
  }

  async #tasksOf(indexes: readonly number[]): Promise<readonly StepTask[]> {
    const tasks = indexes.map((index) => this.#task(index)).filter((task) => !this.#isGivenUp(task));
    if (this.#range.policy.cache === undefined) return tasks;
    const cached = await Promise.all(
      tasks.map(async (task) => (task.cacheKey === undefined ? undefined : lookUpCache(task.cacheKey, this.#ports))),
    );
    for (const [i, task] of tasks.entries()) {
      const outcome = cached[i];
      if (outcome !== undefined) this.#note(task, outcome, { endedAt: this.#ports.clock.now() });
    }
    return tasks.filter((_, i) => cached[i] === undefined);
  }

  #end(task: StepTask | undefined, ran: Ran, again: Retry[]): void {
    if (task?.key.item === undefined) return;
    this.#note(task, ran.outcome, ran.span);
    if (ran.outcome.status !== "failed") return;
    const { index } = task.key.item;
    this.#attempts.set(index, task.key.attempt);
    const failures = (this.#failures.get(index) ?? 0) + (ran.outcome.error.interrupted === true ? 0 : 1);
    this.#failures.set(index, failures);
    const delayMs = retryDelayMs(task.policy, ran.outcome.error, failures);
    if (delayMs === undefined) return;
    this.#finals[index] = undefined;
    this.#mendable.set(index, ran.outcome);
    again.push({ index, delayMs });
  }

  #note(task: StepTask, outcome: Outcome, span: Partial<Ran["span"]> & { readonly endedAt: number }): void {
    if (task.key.item === undefined) return;
    this.#finals[task.key.item.index] = outcome;
    this.#unwritten.push({ key: task.key, row: { status: "ended", nonce: this.#invocation.id, outcome, ...span } });
    if (isForOthers(task, outcome)) this.#writing = this.#writing.then(() => keepOutcome(this.#ports.state, task, outcome, span.endedAt));
  }

  /** Retries that an earlier turn left, and that were not due at the beginning of this one. */
  async #retryLeft(signal: AbortSignal): Promise<void> {
    for (const [index, dueAt] of [...this.#dueAt].sort(([, a], [, b]) => a - b)) {
      if (this.#finals[index] === undefined && !signal.aborted)
        await this.#retry(index, Math.max(0, dueAt - this.#ports.clock.now()), signal);
    }
  }

  async #retry(index: number, delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#hasRoom(delayMs)) {
      this.#leave(this.#ports.clock.now() + delayMs);
      return;
    }
    if (delayMs > 0) await this.#ports.clock.wait(delayMs, signal);
    const task = this.#task(index);
    const again: Retry[] = [];
    if (!signal.aborted) await this.#runner.run([task], signal, (_, ran) => this.#end(task, ran, again));
    await this.#flush();
    for (const next of again) await this.#retry(next.index, next.delayMs, signal);
  }

  async #flush(): Promise<void> {
    const items = this.#unwritten;
    this.#unwritten = [];
    if (items.length > 0) await recordInlineItems(this.#ports.state, items);
    await this.#writing;
  }
}
