import { CallHandle } from "../define/call-handle.ts";
import { calledStep, mappedStep, type Spill } from "../define/called.ts";
import type { StepDefinition } from "../define/definition.ts";
import { futureOf, MapHandle } from "../define/futures-handle.ts";
import { encodeReturned, outputNodes } from "../define/returned.ts";
import type { CallRequest, MapRequest } from "../define/scope.ts";
import { StepIds } from "../define/step-ids.ts";
import type { ArtifactRef } from "../model/artifact.ts";
import { failureOf, SkeinError } from "../model/error.ts";
import type { CallKind, LogLevel, StepCalled, StepMapped } from "../model/event.ts";
import type { Metadata } from "../model/failure.ts";
import type { RunId, StepRunId } from "../model/id.ts";
import { literalLengths } from "../model/map-input.ts";
import type { Graph } from "./graph.ts";
import type { Loads } from "./loads.ts";
import { MapNode, Node, type NodeOwner } from "./node.ts";
import type { Lent, Orchestrated } from "./orchestrated.ts";
import { callFunction, type FunctionHost } from "./run-function.ts";
import type { WaitRequest } from "./wait-request.ts";
import type { Standing } from "./standing.ts";
import type { Made, Transcript } from "./transcript.ts";

/** What a pipeline function and its orchestration share. */
export interface Shared {
  readonly of: Orchestrated;
  readonly lent: Lent;
  readonly graph: Graph;
  readonly transcript: Transcript;
  readonly loads: Loads;
  readonly standing: Standing;
}

/**
 * The run as its pipeline function has it: every call, load and log line passes here, is compared with the journal while it has
 * more to say, and is fresh afterwards (I5).
 */
export class FunctionSide implements FunctionHost, NodeOwner {
  readonly run: RunId;
  readonly #shared: Shared;
  readonly #ids = new StepIds();
  readonly #waitIds = new StepIds();
  readonly #waited = new Set<string>();
  #spills: Spill[] = [];

  constructor(shared: Shared) {
    this.#shared = shared;
    this.run = shared.of.run.id;
  }

  get now(): number {
    return this.#shared.standing.now;
  }

  begin(): void {
    const { definition, params } = this.#shared.of;
    callFunction(definition, params, this).then(
      ({ result }) => this.#onReturned(result),
      (error: unknown) => this.#onThrew(error),
    );
  }

  #onReturned(result: unknown): void {
    const { graph, standing } = this.#shared;
    if (standing.isBlind) return;
    try {
      const outputs = encodeReturned(result, this);
      for (const node of outputNodes(outputs)) graph.get(node.from).observe();
      standing.returned = this.#make({ t: "returned", outputs, at: standing.now }).outputs;
      graph.waits.close();
    } catch (error) {
      this.#onThrew(error);
    }
  }

  #onThrew(error: unknown): void {
    const { graph, standing } = this.#shared;
    if (standing.isBlind) return;
    try {
      standing.threw = this.#make({ t: "threw", error: failureOf(error), at: standing.now }).error;
      graph.waits.close();
    } catch {
      // A divergence, which #make has noted.
    }
  }

  #make<E extends Made>(event: E): E {
    const { standing, transcript } = this.#shared;
    if (standing.halting !== undefined) throw standing.halting;
    try {
      return transcript.make(event);
    } catch (error) {
      standing.divergedAt ??= transcript.position;
      if (event.t === "called" || event.t === "mapped") standing.attempted = event;
      if (error instanceof SkeinError) standing.halting ??= error;
      throw error;
    }
  }

  step(definition: StepDefinition, input: unknown, options: CallRequest, kind: CallKind): object {
    const site = { id: this.#admit(definition, options), kind: this.#isStatic ? "static" : kind, owner: this } as const;
    const { called, spill } = calledStep(definition, input, options, site);
    const node = new Node(this, this.#call(called, spill), definition.outputs);
    node.attempt = this.#shared.lent.reuse?.attemptsOf(node.id) ?? 0;
    this.#shared.graph.add(node);
    return kind === "submit" ? futureOf(node) : new CallHandle(node);
  }

  map(definition: StepDefinition, input: unknown, options: MapRequest, combine: "zip" | "product"): object {
    const site = { id: this.#admit(definition, options), combine, owner: this, isStatic: this.#isStatic };
    const { called, spill, lengths } = mappedStep(definition, input, options, site);
    const node = new MapNode(this, this.#call(called, spill), definition.outputs, lengths);
    this.#refuseRemap(node);
    this.#shared.graph.add(node);
    return new MapHandle(node);
  }

  get #isStatic(): boolean {
    return this.#shared.of.definition.mode === "static";
  }

  #admit(definition: StepDefinition, options: CallRequest): StepRunId {
    const { of, graph, standing } = this.#shared;
    if (standing.halting !== undefined) throw standing.halting;
    if (graph.size >= of.run.maxSteps)
      throw this.#halt(
        new SkeinError(
          "max_steps_exceeded",
          `the run has called ${of.run.maxSteps} steps, the most that its pipeline allows (maxSteps): is there a loop without an end?`,
        ),
      );
    return this.#ids.take(definition.name, options.id, (id) => graph.has(id));
  }

  #call<E extends StepCalled | StepMapped>(called: E, spill: Spill | undefined): E {
    if (spill !== undefined && !this.#shared.transcript.isReplaying) this.#spills.push(spill);
    return this.#make(called);
  }

  /** Rows of a map's items have no room for those of another map of the same id. */
  #refuseRemap(map: MapNode): void {
    const { reuse } = this.#shared.lent;
    if (reuse === undefined || reuse.attemptsOf(map.id) === 0 || reuse.outcomeOf(map.called) !== undefined) return;
    throw this.#halt(
      new SkeinError(
        "code_changed",
        `map ${map.id} was started by the old code with other items: give the map in the new code an id of its own`,
      ),
    );
  }

  #halt(error: SkeinError): SkeinError {
    return (this.#shared.standing.halting ??= error);
  }

  /** Literals too large for the journal, to be stored before the entry that names them. */
  takeSpills(): readonly Spill[] {
    const taken = this.#spills;
    this.#spills = [];
    return taken;
  }

  log(level: LogLevel, message: string, fields?: Metadata): void {
    const { standing, transcript } = this.#shared;
    if (standing.isBlind) return;
    transcript.makeLog({ t: "logged", level, message, ...(fields === undefined ? {} : { fields }), at: standing.now });
  }

  load(ref: ArtifactRef, item: number | undefined): Promise<unknown> {
    return this.#shared.loads.ask(ref, item);
  }

  wait(request: WaitRequest): Promise<unknown> {
    const { graph, standing } = this.#shared;
    const { name, ms, question, schema } = request;
    const at = standing.now;
    const id = this.#waitIds.take(name ?? "sleep", undefined, (taken) => this.#waited.has(taken));
    this.#waited.add(id);
    const event = this.#make({
      t: "waiting",
      id,
      for: name === undefined ? "time" : "signal",
      ...(name === undefined ? {} : { name }),
      ...(question === undefined ? {} : { question }),
      ...(ms === undefined ? {} : { dueAt: at + ms }),
      at,
    });
    return new Promise((resolve, reject) => graph.waits.add({ event, schema, resolve, reject }));
  }

  cancel(node: Node, reason: string | undefined): void {
    if (node.delivered !== undefined || node.cancelReason !== undefined) return;
    const made = this.#make({ t: "cancel", id: node.id, reason: reason ?? "cancelled by the pipeline function" });
    this.#shared.graph.giveUp(node, made.reason);
  }

  watch(map: MapNode): void {
    this.#make({ t: "watched", id: map.id });
    this.#shared.graph.watch(map);
  }

  /** Takes in what the journal has and the function, which is out of the run, did not repeat. */
  adopt(event: Made): void {
    const { graph, standing } = this.#shared;
    switch (event.t) {
      case "called":
        graph.add(new Node(this, event, { kind: "none" }));
        break;
      case "mapped":
        graph.add(new MapNode(this, event, { kind: "none" }, event.input.spilled === undefined ? literalLengths(event) : {}));
        break;
      case "cancel":
        graph.giveUp(graph.get(event.id), event.reason);
        break;
      case "waiting":
        break;
      case "returned":
        standing.returned = event.outputs;
        break;
      case "threw":
        standing.threw = event.error;
        break;
      case "watched":
        this.#adoptWatch(graph.get(event.id));
        break;
    }
  }

  #adoptWatch(map: Node): void {
    if (!(map instanceof MapNode)) return;
    this.#shared.graph.watch(map);
    if (map.size !== undefined) map.makeItems();
  }

  /** The function itself started a timer, a request or another foreign asynchronous call: found at the end of the drain. */
  noteForeignCall(error: SkeinError): void {
    this.#halt(error);
  }

  /** A promise chain of the function's own failed and nobody looks (yet). */
  noteStrayRejection(promise: object, error: unknown): void {
    this.#shared.standing.strays.set(promise, error);
  }
  forgetStrayRejection(promise: object): void {
    this.#shared.standing.strays.delete(promise);
  }
}
