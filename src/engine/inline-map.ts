import type { EndedAttempt } from "../model/attempt.ts";
import type { Outcome } from "../model/outcome.ts";
import { retryDelayMs } from "../model/policy.ts";
import type { OutcomeSeen } from "../model/event.ts";
import type { Ran, StepTask } from "../model/task.ts";
import type { InlineRunner } from "../ports/inline-runner.ts";
import { recordInlineItems } from "../record/attempt.ts";
import { isForOthers, keepOutcome } from "../record/keep.ts";
import { mapOutcome } from "./close-map.ts";
import { factsOf } from "./launch-map.ts";
import { interrupted } from "./interruption.ts";
import { itemStates } from "./map-items.ts";
import type { MapRange } from "./map-range.ts";
import { lookUpCache } from "./node-task.ts";
import type { Invocation, Ports } from "./ports.ts";
import type { TurnTime } from "./turn-time.ts";

/** Items that one thread takes at a time, at the most: enough to hide the messages, few enough to share the work evenly. */
const maxBatch = 64;
/** Batches that each thread gets of a map, so that a slow item holds up little. */
const batchesPerThread = 8;
const batchMs = 1_000;

/** What earlier turns may have done of an inline attempt. */
export type Before = "new" | "handed over" | "perhaps begun";

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
  /** Attempts that an earlier turn made, by index. */
  readonly #attempts = new Map<number, number>();
  readonly #todo: number[] = [];
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

  /** Undefined: there was no time for the rest of its items, which are the next turn's. */
  async run(signal: AbortSignal, before: Before): Promise<OutcomeSeen | undefined> {
    const { shape, node } = this.#range;
    const startedAt = this.#ports.clock.now();
    if (before !== "new") await this.#takeOver(before);
    for (let index = 0; index < shape.items; index++) if (this.#finals[index] === undefined) this.#todo.push(index);
    this.#todo.reverse();
    const width = Math.max(1, Math.min(this.#runner.width, shape.width));
    const batch = Math.max(
      1,
      Math.min(maxBatch, Math.ceil(this.#todo.length / (this.#runner.width * batchesPerThread)), Math.floor(shape.width / width)),
    );
    await Promise.all(Array.from({ length: width }, () => this.#work(batch, signal)));
    await this.#flush();
    if (this.#todo.length > 0 && !signal.aborted) return undefined;
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
    }
    if (policy.delivery !== "at_most_once" || before === "handed over") return;
    // Any of those that left no row may have run.
    for (let index = 0; index < shape.items; index++) {
      if (this.#finals[index] !== undefined) continue;
      const task = this.#task(index);
      this.#note(task, interrupted(task.key.id), { endedAt: this.#ports.clock.now() });
    }
  }

  /** An item's next attempt. */
  #task(index: number): StepTask {
    const task = this.#range.task(index);
    const attempt = (this.#attempts.get(index) ?? 0) + 1;
    return { ...task, key: { ...task.key, attempt } };
  }

  /** What a stop request kept from starting. */
  #cut(signal: AbortSignal): readonly (Outcome | undefined)[] {
    if (!signal.aborted) return this.#finals;
    return this.#finals.map((final) => final ?? { status: "cancelled", reason: String(signal.reason) });
  }

  async #work(batch: number, signal: AbortSignal): Promise<void> {
    for (let isFirst = true; this.#todo.length > 0 && !signal.aborted; isFirst = false) {
      if (!isFirst && !this.#hasRoom(0)) return;
      const tasks = await this.#tasksOf(this.#take(this.#fitting(batch)));
      const again: { readonly task: StepTask; readonly delayMs: number }[] = [];
      const began = this.#ports.clock.now();
      await this.#runner.run(tasks, signal, (i, ran) => this.#end(tasks[i], ran, again));
      this.#took += tasks.length;
      this.#tookMs += this.#ports.clock.now() - began;
      await this.#flush();
      for (const { task, delayMs } of again) await this.#retry(task, delayMs, signal);
    }
  }

  #hasRoom(delayMs: number): boolean {
    const { timeoutMs } = this.#range.policy;
    return this.#time.hasRoomFor(timeoutMs === undefined ? undefined : timeoutMs + delayMs, false);
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

  #end(task: StepTask | undefined, ran: Ran, again: { readonly task: StepTask; readonly delayMs: number }[]): void {
    if (task?.key.item === undefined) return;
    this.#note(task, ran.outcome, ran.span);
    if (ran.outcome.status !== "failed") return;
    const { index } = task.key.item;
    const failures = (this.#failures.get(index) ?? 0) + 1;
    this.#failures.set(index, failures);
    const delayMs = retryDelayMs(task.policy, ran.outcome.error, failures);
    if (delayMs === undefined) return;
    this.#finals[index] = undefined;
    again.push({ task: { ...task, key: { ...task.key, attempt: task.key.attempt + 1 } }, delayMs });
  }

  #note(task: StepTask, outcome: Outcome, span: Partial<Ran["span"]> & { readonly endedAt: number }): void {
    if (task.key.item === undefined) return;
    this.#finals[task.key.item.index] = outcome;
    this.#unwritten.push({ key: task.key, row: { status: "ended", nonce: this.#invocation.id, outcome, ...span } });
    if (isForOthers(task, outcome)) this.#writing = this.#writing.then(() => keepOutcome(this.#ports.state, task, outcome, span.endedAt));
  }

  async #retry(task: StepTask, delayMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#hasRoom(delayMs)) {
      if (task.key.item !== undefined) this.#todo.push(task.key.item.index);
      this.#attempts.set(task.key.item?.index ?? 0, task.key.attempt - 1);
      return;
    }
    if (delayMs > 0) await this.#ports.clock.wait(delayMs, signal);
    const again: { readonly task: StepTask; readonly delayMs: number }[] = [];
    if (!signal.aborted) await this.#runner.run([task], signal, (_, ran) => this.#end(task, ran, again));
    await this.#flush();
    for (const next of again) await this.#retry(next.task, next.delayMs, signal);
  }

  async #flush(): Promise<void> {
    const items = this.#unwritten;
    this.#unwritten = [];
    if (items.length > 0) await recordInlineItems(this.#ports.state, items);
    await this.#writing;
  }
}
