import { CallHandle } from "../define/call-handle.ts";
import type { PipelineDefinition, StepDefinition } from "../define/definition.ts";
import { futureOf, MapHandle } from "../define/futures-handle.ts";
import type { CallRequest, MapRequest } from "../define/scope.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { failureOf, SkeinError } from "../model/error.ts";
import type { CallKind, Launched, LogLevel, OutcomeSeen, RunEvent, StepCalled, StepMapped } from "../model/event.ts";
import type { Failure, Metadata } from "../model/failure.ts";
import { parseItemId, type RunId, type StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunOutputs, RunRecord } from "../model/run.ts";
import { calledStep, mappedStep, type Spill } from "../define/called.ts";
import { divergence } from "./divergence.ts";
import { drain } from "./drain.ts";
import { endOf, type FunctionFacts } from "./ending.ts";
import { Graph } from "./graph.ts";
import { Loads, type Loader } from "./loads.ts";
import { mapSize } from "./map-size.ts";
import { MapNode, Node, type NodeOwner } from "./node.ts";
import { Transcript, type Made } from "./transcript.ts";
import { encodeReturned, outputNodes } from "../define/returned.ts";
import { callFunction, type FunctionHost } from "./run-function.ts";
import { nextEvent, type Rules } from "./schedule.ts";
import { StepIds } from "../define/step-ids.ts";

/** A run to orchestrate: its record, the pipeline that it runs, and the parameters as the pipeline's schema gives them. */
export interface Orchestrated {
  readonly run: RunRecord;
  readonly definition: PipelineDefinition;
  readonly params: unknown;
}

/** What the engine lends: the only ways in which the outside is asked. */
export interface Lent {
  readonly load: Loader;
  /** A cached outcome for a step run that is ready, or undefined. */
  readonly lookUp: (node: Node) => Promise<Outcome | undefined>;
  readonly reuse?: Reuse;
}

/** What is left of the part of the journal that a resume with changed code has given up. */
export interface Reuse {
  /** A completed outcome of the same step run with the same input. */
  readonly outcomeOf: (called: StepCalled | StepMapped) => Outcome | undefined;
  /** Attempts of that id which were launched: their rows may be there, so that new ones must count on from them. */
  readonly attemptsOf: (id: StepRunId) => number;
}

/**
 * Drives a pipeline function by events: replays the journal's, then takes new outcomes in and gives the events that follow
 * (calls, launches, the end) for the next entry. It starts nothing and stores nothing itself; the same events give the same
 * decisions, always (I2-I5).
 */
export class Orchestration implements FunctionHost, NodeOwner {
  readonly run: RunId;
  readonly graph = new Graph();
  readonly #of: Orchestrated;
  readonly #lent: Lent;
  readonly #transcript: Transcript;
  readonly #loads: Loads;
  readonly #ids = new StepIds();
  readonly #cached = new Map<Node, Outcome | undefined>();
  #spills: Spill[] = [];
  #now: number;
  #returned: RunOutputs | undefined;
  #threw: Failure | undefined;
  /** The engine took the function out of the run. */
  #halted: Failure | undefined;
  /** To be halted at the end of this drain. */
  #halting: SkeinError | undefined;
  #stopping: string | undefined;
  readonly #strays = new Map<object, unknown>();
  #hasEnded = false;
  #divergedAt: number | undefined;
  #attempted: StepCalled | StepMapped | undefined;

  constructor(of: Orchestrated, recorded: readonly RunEvent[], lent: Lent) {
    this.#of = of;
    this.#lent = lent;
    this.run = of.run.id;
    this.#now = of.run.createdAt;
    this.#transcript = new Transcript(recorded);
    this.#loads = new Loads(lent.load);
  }

  get now(): number {
    return this.#now;
  }
  get hasEnded(): boolean {
    return this.#hasEnded;
  }
  /** Why the pipeline function takes no further part: `nondeterministic_pipeline` after a divergence. */
  get halted(): Failure | undefined {
    return this.#halted;
  }
  /** The journal's event at which the function did something else; undefined: it repeated all of them. */
  get divergedAt(): number | undefined {
    return this.#divergedAt;
  }
  get diverged(): SkeinError | undefined {
    return this.#divergedAt === undefined ? undefined : this.#halting;
  }
  /** The call that it made there instead. */
  get attempted(): StepCalled | StepMapped | undefined {
    return this.#attempted;
  }
  get stopping(): string | undefined {
    return this.#stopping;
  }
  /** Events that no journal entry holds yet. */
  get fresh(): readonly RunEvent[] {
    return this.#transcript.fresh;
  }
  take(): readonly RunEvent[] {
    return this.#transcript.take();
  }
  /** Literals too large for the journal, to be stored before the entry that names them. */
  takeSpills(): readonly Spill[] {
    const taken = this.#spills;
    this.#spills = [];
    return taken;
  }

  /**
   * Runs the function through the journal. Afterwards it stands where the last entry left it, perhaps with fresh events.
   * `crash`: the function is not run at all; the run ends with this error.
   */
  async replay(crash?: SkeinError): Promise<void> {
    if (crash === undefined) this.#begin();
    else this.#halting = crash;
    await this.#react();
    for (let event = this.#transcript.next(); event !== undefined; event = this.#transcript.next()) {
      if (this.#play(event)) await this.#react();
    }
  }

  /** Takes outcomes in, in this order, and whatever follows from them at `now`. */
  async see(outcomes: readonly OutcomeSeen[], now: number): Promise<void> {
    for (const seen of outcomes) {
      if (!this.#wants(seen)) continue;
      this.#transcript.add(seen);
      if (this.#play(seen)) await this.#react();
    }
    await this.#advance(now);
  }

  /** A stop request was seen: the function sees nothing more, nothing starts. */
  async stop(reason: string, now: number): Promise<void> {
    if (this.#stopping === undefined && !this.#hasEnded) this.#apply({ t: "stopping", reason, at: now });
    await this.#advance(now);
  }

  /** Takes the function out of the run; what runs is awaited. */
  async halt(error: SkeinError, now: number): Promise<void> {
    this.#halting ??= error;
    await this.#advance(now);
  }

  /** The function itself started a timer, a request or another foreign asynchronous call: found at the end of the drain. */
  noteForeignCall(error: SkeinError): void {
    this.#halting ??= error;
  }

  /** A promise chain of the function's own failed and nobody looks (yet). */
  noteStrayRejection(promise: object, error: unknown): void {
    this.#strays.set(promise, error);
  }
  forgetStrayRejection(promise: object): void {
    this.#strays.delete(promise);
  }

  /** Starts a launched attempt again, or for the first time after its delay, in the turn that writes this down. */
  relaunch(node: Node): void {
    const again: Launched = { t: "launched", id: node.id, attempt: node.attempt };
    this.#apply(node instanceof MapNode && node.size !== undefined ? { ...again, items: node.size } : again);
  }

  // ── what the function does ────────────────────────────────────────────────────────────────────────────────────────

  #begin(): void {
    const result = callFunction(this.#of.definition, this.#of.params, this);
    result.then(
      ({ result: returned }) => this.#onReturned(returned),
      (error: unknown) => this.#onThrew(error),
    );
  }

  #onReturned(result: unknown): void {
    if (this.#isBlind) return;
    try {
      const outputs = encodeReturned(result, this);
      for (const node of outputNodes(outputs)) this.graph.get(node.from).observe();
      this.#returned = this.#make({ t: "returned", outputs, at: this.#now }).outputs;
    } catch (error) {
      this.#onThrew(error);
    }
  }

  #onThrew(error: unknown): void {
    if (this.#isBlind) return;
    try {
      this.#threw = this.#make({ t: "threw", error: failureOf(error), at: this.#now }).error;
    } catch {
      // A divergence, which #make has noted.
    }
  }

  #make<E extends Made>(event: E): E {
    if (this.#halting !== undefined) throw this.#halting;
    try {
      return this.#transcript.make(event);
    } catch (error) {
      this.#divergedAt ??= this.#transcript.position;
      if (isCall(event)) this.#attempted = event;
      if (error instanceof SkeinError) this.#halting ??= error;
      throw error;
    }
  }

  step(definition: StepDefinition, input: unknown, options: CallRequest, kind: CallKind): object {
    const { called, spill } = calledStep(definition, input, options, { id: this.#admit(definition, options), kind: this.#isStatic ? "static" : kind, owner: this });
    const node = new Node(this, this.#call(called, spill), definition.outputs);
    node.attempt = this.#lent.reuse?.attemptsOf(node.id) ?? 0;
    this.graph.add(node);
    return kind === "submit" ? futureOf(node) : new CallHandle(node);
  }

  map(definition: StepDefinition, input: unknown, options: MapRequest, combine: "zip" | "product"): object {
    const { called, spill, lengths } = mappedStep(definition, input, options, { id: this.#admit(definition, options), combine, owner: this, isStatic: this.#isStatic });
    const node = new MapNode(this, this.#call(called, spill), definition.outputs, lengths);
    this.#refuseRemap(node);
    this.graph.add(node);
    return new MapHandle(node);
  }

  /** Rows of a map's items have no room for those of another map of the same id. */
  #refuseRemap(map: MapNode): void {
    const { reuse } = this.#lent;
    if (reuse === undefined || reuse.attemptsOf(map.id) === 0 || reuse.outcomeOf(map.called) !== undefined) return;
    throw (this.#halting ??= new SkeinError("code_changed", `map ${map.id} was started by the old code with other items: give the map in the new code an id of its own`));
  }

  get #isStatic(): boolean {
    return this.#of.definition.mode === "static";
  }

  #admit(definition: StepDefinition, options: CallRequest): StepRunId {
    if (this.#halting !== undefined) throw this.#halting;
    if (this.graph.size >= this.#of.run.maxSteps) throw this.#limit();
    return this.#ids.take(definition.name, options.id);
  }

  #call<E extends StepCalled | StepMapped>(called: E, spill: Spill | undefined): E {
    if (spill !== undefined && !this.#transcript.isReplaying) this.#spills.push(spill);
    return this.#make(called);
  }

  #limit(): SkeinError {
    return (this.#halting ??= new SkeinError("max_steps_exceeded", `the run has called ${this.#of.run.maxSteps} steps, the most that its pipeline allows (maxSteps): is there a loop without an end?`));
  }

  log(level: LogLevel, message: string, fields?: Metadata): void {
    if (this.#isBlind) return;
    this.#transcript.makeLog({ t: "logged", level, message, ...(fields === undefined ? {} : { fields }), at: this.#now });
  }

  load(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return this.#loads.ask(ref, item);
  }

  cancel(node: Node, reason: string | undefined): void {
    if (node.delivered !== undefined || node.cancelReason !== undefined) return;
    const made = this.#make({ t: "cancel", id: node.id, reason: reason ?? "cancelled by the pipeline function" });
    this.graph.giveUp(node, made.reason);
  }

  watch(map: MapNode): void {
    this.#make({ t: "watched", id: map.id });
    map.watched = true;
  }

  // ── what happens to it ────────────────────────────────────────────────────────────────────────────────────────────

  #apply(event: RunEvent): boolean {
    this.#transcript.add(event);
    return this.#play(event);
  }

  /** Takes an event in; true where the function may react to it. */
  #play(event: RunEvent): boolean {
    switch (event.t) {
      case "launched": {
        const node = this.graph.launch(event);
        node.launchedAt = this.#now;
        return node instanceof MapNode && node.watched;
      }
      case "outcome":
        return this.#playOutcome(event);
      case "halted":
        this.#halted = event.error;
        return false;
      case "stopping":
        this.#stopping = event.reason;
        return false;
      case "ended":
        this.#hasEnded = true;
        return false;
      case "logged": case "loaded": case "rebased":
        return false;
      case "called": case "mapped": case "cancel": case "watched": case "returned": case "threw":
        return this.#playMissed(event);
    }
  }

  #playOutcome(event: OutcomeSeen): boolean {
    this.#now = Math.max(this.#now, event.at);
    if (this.#isBlind && parseItemId(event.id) !== undefined && this.graph.find(event.id) === undefined) return false;
    const node = this.graph.see(event);
    if (node === undefined || this.#isBlind) return false;
    if (event.outcome.status === "failed" && this.#of.run.onFailure === "fail_fast") return false;
    node.settle();
    return true;
  }

  /** The function sees nothing more. */
  get #isBlind(): boolean {
    return this.#halted !== undefined || this.#halting !== undefined || this.#stopping !== undefined;
  }

  /** The journal has something that the function did not do. Once it is out of the run, the journal alone counts. */
  #playMissed(event: Made): boolean {
    if (!this.#isBlind) {
      this.#divergedAt = this.#transcript.position - 1;
      this.#halting = divergence(event, "did nothing more");
    }
    switch (event.t) {
      case "called":
        this.graph.add(new Node(this, event, { kind: "none" }));
        break;
      case "mapped":
        this.graph.add(new MapNode(this, event, { kind: "none" }, {}));
        break;
      case "cancel":
        this.graph.giveUp(this.graph.get(event.id), event.reason);
        break;
      case "returned":
        this.#returned = event.outputs;
        break;
      case "threw":
        this.#threw = event.error;
        break;
      case "watched":
        break;
    }
    return false;
  }

  /** Lets the function react to one delivery, and to the loads that it then asks for. */
  async #react(): Promise<void> {
    await drain();
    if (!this.#loads.isEmpty && !this.#isBlind) await this.#loads.settle(this.#transcript);
  }

  #wants({ id, attempt }: OutcomeSeen): boolean {
    const node = this.graph.find(id);
    return node !== undefined && node.delivered === undefined && attempt >= node.attempt;
  }

  /** Everything that follows at `now` without news from outside: skips, cancellations, launches, the end. */
  async #advance(now: number): Promise<void> {
    if (this.#hasEnded) return;
    for (;;) {
      if (this.#halting !== undefined && this.#halted === undefined) this.#apply({ t: "halted", error: failureOf(this.#halting), at: now });
      this.#haltOnFirstFailure(now);
      await this.#lookUpReady();
      const event = nextEvent(this.graph, this.#rules, now);
      if (event === undefined && this.#halting !== undefined && this.#halted === undefined) continue;
      if (event === undefined) break;
      if (this.#apply(event)) await this.#react();
    }
    this.#checkProgress(now);
    if (!this.#isOver || !this.graph.isIdle()) return;
    await strayRejectionsAreKnown();
    this.#apply(endOf(this.graph, this.#facts, now));
  }

  /** The function's part in the run is over. */
  get #isOver(): boolean {
    return this.#returned !== undefined || this.#threw !== undefined || this.#halted !== undefined || this.#stopping !== undefined;
  }

  get #facts(): FunctionFacts {
    const [stray] = this.#strays.values();
    const isStray = this.#strays.size > 0 && this.#of.definition.mode === "dynamic";
    return { returned: this.#returned, threw: this.#threw, halted: this.#halted, stopping: this.#stopping, stray: isStray ? failureOf(stray) : undefined, isStatic: this.#isStatic };
  }

  #haltOnFirstFailure(now: number): void {
    const [first] = this.graph.failed;
    if (first === undefined || this.#of.run.onFailure !== "fail_fast" || this.#isBlind) return;
    const error = first.error();
    this.#apply({ t: "halted", error: failureOf(error), at: now });
  }

  get #rules(): Rules {
    return {
      closed: this.closed,
      maxConcurrency: this.#of.run.maxConcurrency,
      cached: (node) => this.#cached.get(node),
      sizeOf: (map) => mapSize(map, this.graph, this.#of.run.maxSteps - this.graph.size),
    };
  }

  /** What runs is asked to stop: by a stop request, or by `fail_fast`. */
  get mustAbort(): boolean {
    return this.#stopping !== undefined || (this.#halted !== undefined && this.#of.run.onFailure === "fail_fast");
  }

  /** Why nothing starts any more. */
  get closed(): string | undefined {
    if (this.#stopping !== undefined) return `the run was stopped: ${this.#stopping}`;
    if (this.#halted !== undefined) return `the run had failed: ${this.#halted.message}`;
    if (this.#of.run.onFailure === "continue_on_failure") return undefined;
    if (this.#threw !== undefined) return "the pipeline function had failed";
    const [failed] = this.#isStatic ? this.graph.failed : [];
    return failed === undefined ? undefined : `step ${failed.id} had failed`;
  }

  async #lookUpReady(): Promise<void> {
    if (this.closed !== undefined) return;
    const asked = [...this.graph.ready].filter((node) => !this.#cached.has(node) && (node.called.policy?.cache !== undefined || this.#lent.reuse !== undefined));
    if (asked.length === 0) return;
    const found = await Promise.all(asked.map((node) => this.#lent.reuse?.outcomeOf(node.called) ?? this.#lent.lookUp(node)));
    for (const [i, node] of asked.entries()) this.#cached.set(node, found[i]);
  }

  #checkProgress(now: number): void {
    if (this.#isOver || this.#isBlind || !this.graph.isIdle() || !this.#loads.isEmpty) return;
    for (const _ of this.graph.outstandingItems()) return;
    const error = new SkeinError("nothing_to_wait_for", "the pipeline function waits for something that no step of this run will ever give: every step that it called has ended. Does it await a promise of its own?");
    this.#apply({ t: "halted", error: failureOf(error), at: now });
  }
}

/** Node tells of unhandled rejections after the microtasks and ticks of a macrotask. */
function strayRejectionsAreKnown(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isCall(event: Made): event is StepCalled | StepMapped {
  return event.t === "called" || event.t === "mapped";
}
