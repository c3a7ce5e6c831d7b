import { isOutage } from "../execute/outage.ts";
import { failureOf } from "../model/error.ts";
import type { OutcomeSeen } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import type { Ran, StepTask } from "../model/task.ts";
import type { Graph } from "../orchestrate/graph.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import { isForOthers, keepOutcome } from "../record/keep.ts";
import type { Beginning } from "./inline-beginning.ts";
import { InlineMap, type Left } from "./inline-map.ts";
import { MapRange } from "./map-range.ts";
import { nodeTask } from "./node-task.ts";
import { OwnThread } from "./own-thread.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import type { TurnTime } from "./turn-time.ts";

/** The inline steps that a turn runs, and the outcomes that it has not seen yet. */
export class InlineWork {
  readonly #ports: TurnPorts;
  readonly #ownThread: OwnThread;
  readonly #invocation: Invocation;
  readonly #running = new Map<StepRunId, AbortController>();
  readonly #time: TurnTime;
  #ended: OutcomeSeen[] = [];
  #failure: { readonly error: unknown } | undefined;
  #leftUntil: number | undefined;
  #onNews: (() => void) | undefined;

  constructor(ports: TurnPorts, invocation: Invocation, time: TurnTime) {
    this.#ports = ports;
    this.#invocation = invocation;
    this.#time = time;
    this.#ownThread = new OwnThread(ports, invocation);
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** How many run. */
  get running(): number {
    return this.#running.size;
  }

  has(id: StepRunId): boolean {
    return this.#running.has(id);
  }

  /** Outcomes since the last call. Fails where a store was out of reach for the engine's own part of the work: the turn is to be taken again. */
  take(): readonly OutcomeSeen[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    const taken = this.#ended;
    this.#ended = [];
    return taken;
  }

  get hasEnded(): boolean {
    return this.#ended.length > 0;
  }

  /** From when on the next turn has something to do for maps that this one had no time for; undefined: there are none. */
  get leftUntil(): number | undefined {
    return this.#leftUntil;
  }

  /** Nothing runs, and nothing that has ended waits here to be written down. */
  get isOver(): boolean {
    return !this.isRunning && !this.hasEnded;
  }

  /** Resolves when there is an outcome to take, or `also` resolves. */
  async news(also: Promise<void>): Promise<void> {
    if (this.#ended.length > 0 || !this.isRunning) return;
    await Promise.race([new Promise<void>((resolve) => (this.#onNews = resolve)), also]);
  }

  abort(id: StepRunId, reason: string): void {
    this.#running.get(id)?.abort(reason);
  }

  abortAll(reason: string): void {
    for (const controller of this.#running.values()) controller.abort(reason);
    if (this.isRunning) this.#ports.onLeft?.(this.#allEnded());
  }

  async #allEnded(): Promise<void> {
    while (this.isRunning) await new Promise<void>((resolve) => (this.#onNews = resolve));
  }

  /** Starts a launched attempt whose entry is durable. */
  start(node: Node, graph: Graph, run: RunRecord, beginning: Beginning): void {
    const controller = new AbortController();
    if (beginning.over !== undefined) controller.abort(beginning.over);
    this.#running.set(node.id, controller);
    const { attempt } = node;
    const work =
      node instanceof MapNode
        ? this.#runMap(node, graph, run, { beginning, signal: controller.signal })
        : this.#runStep(node, graph, run, controller.signal);
    void work
      .catch((error: unknown): OutcomeSeen => {
        if (this.#ports.outlastsOutages === true && isOutage(error)) this.#failure = { error };
        return { t: "outcome", id: node.id, attempt, outcome: { status: "failed", error: failureOf(error) }, at: this.#ports.clock.now() };
      })
      .then((end) => this.#end(node.id, end));
  }

  #end(id: StepRunId, end: OutcomeSeen | Left): void {
    this.#running.delete(id);
    if ("leftUntil" in end) this.#leftUntil = Math.min(end.leftUntil, this.#leftUntil ?? Infinity);
    else this.#ended.push(end);
    this.#onNews?.();
    this.#onNews = undefined;
  }

  async #runStep(node: Node, graph: Graph, run: RunRecord, signal: AbortSignal): Promise<OutcomeSeen> {
    const task = nodeTask(node, graph, run);
    const ran = isSync(node) ? await this.#ownThread.runOne(task, signal) : await this.#beside(task, signal);
    if (isForOthers(task, ran.outcome)) await keepOutcome(this.#ports.state, task, ran.outcome, ran.span.endedAt);
    return { t: "outcome", id: node.id, attempt: task.key.attempt, outcome: ran.outcome, at: this.#ports.clock.now(), span: ran.span };
  }

  /** Concurrent steps run beside the pipeline function, so that a CPU-bound one never holds it up. */
  async #beside(task: StepTask, signal: AbortSignal): Promise<Ran> {
    const { inline } = this.#ports;
    if (inline === undefined) return this.#ownThread.runOne(task, signal);
    return new Promise((resolve, reject) => {
      inline.run([task], signal, (_, ran) => resolve(ran)).catch(reject);
    });
  }

  async #runMap(
    node: MapNode,
    graph: Graph,
    run: RunRecord,
    { beginning, signal }: { readonly beginning: Beginning; readonly signal: AbortSignal },
  ): Promise<OutcomeSeen | Left> {
    const range = await MapRange.open(node, run, graph, this.#ports);
    return new InlineMap(range, this.#ports.inline ?? this.#ownThread, this.#ports, {
      invocation: this.#invocation,
      time: this.#time,
    }).run(signal, beginning);
  }
}

function isSync(node: Node): boolean {
  return node.called.t === "called" && node.called.call === "sync";
}
