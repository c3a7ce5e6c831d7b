import type { Totals } from "../model/totals.ts";
import { SkeinError } from "../model/error.ts";
import type { Launched, OutcomeSeen, Seen, StepCalled, StepMapped } from "../model/event.ts";
import { parseItemId, type StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import { retryDelayMs } from "../model/policy.ts";
import { Waits } from "./waits.ts";
import { isGood, MapNode, type Node, type NodeState } from "./node.ts";

type OpenState = Exclude<NodeState, "ended">;

/** The step runs of a run and what holds each of them back; changed by events only. */
export class Graph {
  readonly #nodes = new Map<StepRunId, Node>();
  /** Step runs that have not ended, by their state, each set in the order of arrival. */
  readonly #in: Readonly<Record<OpenState, Set<Node>>> = {
    waiting: new Set(),
    doomed: new Set(),
    ready: new Set(),
    launched: new Set(),
    retrying: new Set(),
  };
  readonly #failed: Node[] = [];
  /** What the function waits for beside its step runs. */
  readonly waits = new Waits();
  readonly #cancelled = new Set<Node>();
  readonly #watched = new Set<MapNode>();
  #called = 0;
  readonly #ended: Record<string, number> = {};

  /** Launched attempts without an outcome, in the order of their launches. */
  get launched(): ReadonlySet<Node> {
    return this.#in.launched;
  }
  get ready(): ReadonlySet<Node> {
    return this.#in.ready;
  }
  get retrying(): ReadonlySet<Node> {
    return this.#in.retrying;
  }
  get waiting(): ReadonlySet<Node> {
    return this.#in.waiting;
  }
  /** Bound to be skipped because of what came before them, and not told to the function yet. */
  get doomed(): ReadonlySet<Node> {
    return this.#in.doomed;
  }
  /** Step runs whose failure is final, in the order in which they were seen. */
  get failed(): readonly Node[] {
    return this.#failed;
  }
  /** Step runs that the function gave up and that have not ended. */
  get cancelled(): ReadonlySet<Node> {
    return this.#cancelled;
  }
  /** Step runs called so far; a map counts its items. */
  get size(): number {
    return this.#called;
  }

  totals(turns: number): Totals {
    return { turns, called: this.#called, ended: { ...this.#ended } };
  }

  isIdle(): boolean {
    const { waiting, doomed, ready, launched, retrying } = this.#in;
    return waiting.size + doomed.size + ready.size + launched.size + retrying.size === 0;
  }

  /** Something of the run may still settle what the function awaits. */
  get mayStillTell(): boolean {
    return !this.isIdle() || this.hasOutstandingItems || !this.waits.isEmpty;
  }

  has(id: StepRunId): boolean {
    return this.#nodes.has(id);
  }

  find(id: StepRunId): Node | undefined {
    const known = this.#nodes.get(id);
    if (known !== undefined || !id.endsWith("]")) return known;
    const item = parseItemId(id);
    const map = item === undefined ? undefined : this.#nodes.get(item.map);
    return map instanceof MapNode && item !== undefined ? map.itemNodes[item.index] : undefined;
  }

  get(id: StepRunId): Node {
    const node = this.find(id);
    if (node === undefined)
      throw new SkeinError("journal_incomplete", `the journal speaks of step run ${id}, which no entry before it called`);
    return node;
  }

  add(node: Node): void {
    this.#nodes.set(node.id, node);
    if (!(node instanceof MapNode)) this.#called++;
    const { edges } = node.called.input;
    if (edges.length > 0 || node.called.after !== undefined) for (const id of upstreamOf(node.called)) this.#link(node, this.get(id));
    this.#place(node);
  }

  #link(node: Node, upstream: Node): void {
    if (upstream.delivered === undefined) {
      (upstream.dependents ??= []).push(node);
      node.blockers++;
    } else if (!isGood(upstream.delivered)) node.blame(upstream);
  }

  #place(node: Node): void {
    this.#move(node, node.badUpstream !== undefined ? "doomed" : node.blockers > 0 ? "waiting" : "ready");
  }

  #move(node: Node, state: NodeState): void {
    node.among?.delete(node);
    node.state = state;
    node.among = state === "ended" ? undefined : this.#in[state];
    node.among?.add(node);
  }

  launch({ id, attempt, dueAt, items }: Launched): Node {
    const node = this.get(id);
    this.#move(node, "launched");
    node.attempt = attempt;
    node.dueAt = dueAt;
    if (node instanceof MapNode && node.size === undefined) {
      node.size = items ?? 0;
      this.#called += node.size;
    }
    return node;
  }

  giveUp(node: Node, reason: string): void {
    if (node.delivered !== undefined) return;
    node.cancelReason = reason;
    this.#cancelled.add(node);
  }

  /** Is it news, or of something which has ended or been tried again since? */
  expects(seen: Seen): boolean {
    if (seen.t === "woken") return this.waits.expects(seen);
    const { id, attempt } = seen;
    const node = this.find(id);
    if (node === undefined || node.delivered !== undefined) return false;
    return node.state === "retrying" ? attempt > node.attempt : attempt >= node.attempt;
  }

  /** Takes an outcome in; undefined where it was not the last word: another attempt will come, or the end was known. */
  see({ id, attempt, outcome, counts }: OutcomeSeen): Node | undefined {
    const node = this.get(id);
    if (node.delivered !== undefined || attempt < node.attempt) return undefined;
    if (outcome.status === "failed" && node.state === "launched" && this.#retries(node, outcome)) return undefined;
    this.#move(node, "ended");
    if (this.#cancelled.size > 0) this.#cancelled.delete(node);
    node.delivered = outcome;
    if (node instanceof MapNode && counts !== undefined) node.failedItems = counts["failed"] ?? 0;
    if (!id.endsWith("]")) {
      this.#count(outcome, node instanceof MapNode ? counts : undefined);
      if (outcome.status === "failed") this.#failed.push(node);
    }
    if (node.dependents !== undefined) for (const dependent of node.dependents) this.#unblock(dependent, node, outcome);
    node.dependents = undefined;
    return node;
  }

  #retries(node: Node, outcome: Outcome & { readonly status: "failed" }): boolean {
    if (outcome.error.interrupted !== true) node.failures++;
    const delay = node.cancelReason === undefined ? retryDelayMs(node.called.policy ?? {}, outcome.error, node.failures) : undefined;
    if (delay === undefined || node instanceof MapNode) return false;
    this.#move(node, "retrying");
    node.lastFailure = outcome.error;
    return true;
  }

  #count(outcome: Outcome, counts: Readonly<Record<string, number>> | undefined): void {
    const ended = this.#ended;
    if (counts === undefined) ended[outcome.status] = (ended[outcome.status] ?? 0) + 1;
    else for (const [status, count] of Object.entries(counts)) ended[status] = (ended[status] ?? 0) + count;
  }

  #unblock(dependent: Node, upstream: Node, outcome: Outcome): void {
    dependent.blockers--;
    // What has ended, skipped because of another one, tells nobody of this failure.
    if (!isGood(outcome) && dependent.delivered === undefined) dependent.blame(upstream);
    if (dependent.state === "waiting") this.#place(dependent);
  }

  /** The function looks at the map's items one by one. */
  watch(map: MapNode): void {
    map.watched = true;
    this.#watched.add(map);
  }

  /** Items that the function looks at and whose outcome it has not seen. */
  *outstandingItems(): Iterable<{ readonly map: MapNode; readonly item: Node }> {
    for (const map of this.#watched) {
      for (const item of map.itemNodes) if (item.delivered === undefined) yield { map, item };
    }
  }

  get hasOutstandingItems(): boolean {
    for (const _ of this.outstandingItems()) return true;
    return false;
  }
}

function upstreamOf(called: StepCalled | StepMapped): ReadonlySet<StepRunId> {
  return new Set([...called.input.edges.flatMap((edge) => (edge.partial === true ? [] : [edge.from])), ...(called.after ?? [])]);
}
