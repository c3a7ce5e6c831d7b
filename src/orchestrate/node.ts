import type { Backing, MapBacking } from "../define/backing.ts";
import { resultOf } from "../define/artifact-handle.ts";
import type { DeclaredOutputs } from "../define/definition.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { errorOf, SkeinError } from "../model/error.ts";
import type { StepCalled, StepMapped } from "../model/event.ts";
import type { Failure } from "../model/failure.ts";
import { itemId, type StepRunId } from "../model/id.ts";
import type { FieldLengths } from "../model/map-input.ts";
import { outputsOf, type Outcome } from "../model/outcome.ts";

/** What a node asks of the run that it belongs to. */
export interface NodeOwner {
  load(ref: ArtifactRef, item: number | undefined): Promise<unknown>;
  cancel(node: Node, reason: string | undefined): void;
  watch(map: MapNode): void;
}

/**
 * Where a step run stands. `waiting`: for what it depends on. `doomed`: to be skipped. `ready`: for its launch. `launched`: for its outcome.
 * `retrying`: for the launch of its next attempt.
 */
export type NodeState = "waiting" | "doomed" | "ready" | "launched" | "retrying" | "ended";

/** A step run of this run, as the journal and the pipeline function have made it so far. */
export class Node implements Backing {
  readonly owner: NodeOwner;
  readonly id: StepRunId;
  readonly called: StepCalled | StepMapped;
  readonly outputs: DeclaredOutputs;
  state: NodeState = "waiting";
  /** The graph's set of those that stand where it stands. */
  among: Set<Node> | undefined;
  attempt = 0;
  /** Attempts that failed and count against the retries. */
  failures = 0;
  dueAt: number | undefined;
  /** When the run had last seen something, at the launch: no later than the launch itself. */
  launchedAt = 0;
  lastFailure: Failure | undefined;
  delivered: Outcome | undefined;
  observed = false;
  cancelReason: string | undefined;
  /** Upstream step runs that have not ended yet. */
  blockers = 0;
  /** The first upstream step run that did not complete. */
  badUpstream: Node | undefined;
  #alsoBad: Node[] | undefined;
  /** Those that wait for it. */
  dependents: Node[] | undefined;
  /** Most step runs have one handle: the first is kept without a map. */
  #firstKey: string | undefined;
  #firstHandle: object | undefined;
  #handles: Map<string, object> | undefined;
  #settlement: Promise<unknown> | undefined;
  #resolve: ((result: unknown) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #error: Error | undefined;

  constructor(owner: NodeOwner, called: StepCalled | StepMapped, outputs: DeclaredOutputs, id = called.id) {
    this.owner = owner;
    this.id = id;
    this.called = called;
    this.outputs = outputs;
  }

  recall(key: string): object | undefined {
    return key === this.#firstKey ? this.#firstHandle : this.#handles?.get(key);
  }

  keep(key: string, handle: object): void {
    if (this.#firstKey === undefined) {
      this.#firstKey = key;
      this.#firstHandle = handle;
    } else (this.#handles ??= new Map()).set(key, handle);
  }

  /** Made when somebody asks, so that a step run which nobody looks at costs no promise. */
  settlement(): Promise<unknown> {
    if (this.#settlement !== undefined) return this.#settlement;
    this.#settlement = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (this.delivered !== undefined) this.settle();
    return this.#settlement;
  }

  /** Lets the pipeline function see the outcome. */
  settle(): void {
    if (this.#resolve === undefined) return;
    // Whether somebody looks at a failure is for the run to say, not for Node.
    this.#settlement?.catch(() => {});
    try {
      const error = this.error();
      if (error === undefined) this.#resolve(resultOf(this));
      else this.#reject?.(error);
    } catch (error) {
      this.#reject?.(error);
    }
    this.#resolve = undefined;
    this.#reject = undefined;
  }

  /** Its failure, if it is one, is somebody's. */
  get isHandled(): boolean {
    return this.observed;
  }

  observe(): void {
    this.observed = true;
    this.badUpstream?.observe();
    this.#alsoBad?.forEach((upstream) => upstream.observe());
  }

  /** Will be skipped because of `upstream`: who looks at how this ends hears of that failure. */
  blame(upstream: Node): void {
    if (this.badUpstream === undefined) this.badUpstream = upstream;
    else (this.#alsoBad ??= []).push(upstream);
    if (this.observed) upstream.observe();
  }

  cancel(reason: string | undefined): void {
    this.owner.cancel(this, reason);
  }

  load(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return this.owner.load(ref, item);
  }

  /** What awaiting it throws; undefined where it went well or is not over. */
  error(): Error | undefined {
    if (this.delivered === undefined || isGood(this.delivered)) return undefined;
    return (this.#error ??= thrownFor(this, this.delivered));
  }
}

export class MapNode extends Node implements MapBacking {
  declare readonly called: StepMapped;
  /** Of the fields that were given as arrays. */
  readonly #literalLengths: FieldLengths;
  /** Known once everything that it maps over has ended. */
  size: number | undefined;
  watched = false;
  /** As its outcome counts them. */
  failedItems: number | undefined;
  itemNodes: readonly Node[] = [];
  #items: Promise<readonly Backing[]> | undefined;
  #expand: ((items: readonly Backing[]) => void) | undefined;

  constructor(owner: NodeOwner, called: StepMapped, outputs: DeclaredOutputs, literalLengths: FieldLengths) {
    super(owner, called, outputs);
    this.#literalLengths = literalLengths;
  }

  /** Items of each mapped field; undefined for one that is no list. Only once everything that it maps over has completed. */
  lengths(outcomeOf: (id: StepRunId) => Outcome | undefined): Readonly<Record<string, number | undefined>> {
    const whole = this.called.input.edges.flatMap((edge) => {
      const [name] = edge.path;
      if (edge.path.length !== 1 || typeof name !== "string" || this.called.unmapped.includes(name)) return [];
      const outcome = outcomeOf(edge.from);
      const ref = outputsOf(outcome, edge.partial)?.[edge.output];
      return [[name, edge.item === undefined ? ref?.itemCount : undefined] as const];
    });
    return { ...this.#literalLengths, ...Object.fromEntries(whole) };
  }

  items(): Promise<readonly Backing[]> {
    if (this.#items === undefined) {
      this.#items = new Promise((resolve) => (this.#expand = resolve));
      this.owner.watch(this);
      if (this.size !== undefined || this.state === "ended") this.expand();
    }
    return this.#items;
  }

  override settle(): void {
    this.expand();
    super.settle();
  }

  /** Also by those who looked at each of the items that failed. */
  override get isHandled(): boolean {
    if (this.observed || this.itemNodes.length === 0) return this.observed;
    const failed = this.itemNodes.filter((item) => item.delivered?.status === "failed" || item.cancelReason !== undefined);
    // One that has not been delivered yet may be a failure, which somebody waits for already, or nobody.
    const isUnknown = (item: Node) => item.delivered === undefined && item.cancelReason === undefined && !item.observed;
    const isComplete = !this.itemNodes.some(isUnknown) || (this.failedItems !== undefined && failed.length >= this.failedItems);
    return isComplete && failed.every((item) => item.observed || item.cancelReason !== undefined);
  }

  /** Makes the items' nodes, once their number is known. A map that never started has none. */
  makeItems(): void {
    if (this.itemNodes.length > 0) return;
    this.itemNodes = Array.from(
      { length: this.size ?? 0 },
      (_, index) => new Node(this.owner, this.called, this.outputs, itemId(this.id, index)),
    );
  }

  /** Lets whoever looks at the items see them. */
  expand(): void {
    if (this.#expand === undefined) return;
    this.makeItems();
    this.#expand(this.itemNodes);
  }
}

export function isGood(outcome: Outcome): boolean {
  return outcome.status === "completed" || outcome.status === "cached";
}

function thrownFor(node: Node, outcome: Outcome): Error {
  switch (outcome.status) {
    case "failed":
      return errorOf({ ...outcome.error, step: outcome.error.step ?? node.id });
    case "skipped":
      return new SkeinError("upstream_failed", `step ${node.id} was skipped: ${outcome.reason}`, { cause: node.badUpstream?.error() });
    default:
      return new SkeinError(
        "cancelled",
        `step ${node.id} was ${outcome.status === "stopped" ? "stopped" : "cancelled"}: ${"reason" in outcome ? outcome.reason : ""}`,
      );
  }
}
