import type { Spill } from "../define/called.ts";
import { failureOf, SkeinError } from "../model/error.ts";
import type { Launched, OutcomeSeen, RunEvent, Seen, StepCalled, StepMapped, Woken } from "../model/event.ts";
import type { Failure } from "../model/failure.ts";
import { parseItemId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import { divergence } from "./divergence.ts";
import { drain, strayRejectionsAreKnown } from "./drain.ts";
import { endOf } from "./ending.ts";
import { FunctionSide } from "./function-side.ts";
import { Graph } from "./graph.ts";
import { Loads } from "./loads.ts";
import { mapSize } from "./map-size.ts";
import { MapNode, type Node } from "./node.ts";
import type { Lent, Orchestrated } from "./orchestrated.ts";
import { nextEvent, type Rules } from "./schedule.ts";
import { Standing } from "./standing.ts";
import { Transcript, type Made } from "./transcript.ts";

/**
 * Drives a pipeline function by events: replays the journal's, then takes new outcomes in and gives the events that follow
 * (calls, launches, the end) for the next entry. It starts nothing and stores nothing itself; the same events give the same
 * decisions, always (I2-I5).
 */
export class Orchestration {
  readonly graph = new Graph();
  readonly #of: Orchestrated;
  readonly #lent: Lent;
  readonly #transcript: Transcript;
  readonly #loads: Loads;
  readonly #standing: Standing;
  readonly #function: FunctionSide;
  /** Step runs whose outcomes have been asked of the cache. */
  readonly #cached = new Map<Node, Outcome | undefined>();

  constructor(of: Orchestrated, recorded: readonly RunEvent[], lent: Lent) {
    this.#of = of;
    this.#lent = lent;
    this.#transcript = new Transcript(recorded);
    this.#loads = new Loads(lent.load, lent.isPassing);
    this.#standing = new Standing(of.run);
    this.#function = new FunctionSide({
      of,
      lent,
      graph: this.graph,
      transcript: this.#transcript,
      loads: this.#loads,
      standing: this.#standing,
    });
  }

  get hasEnded(): boolean {
    return this.#standing.hasEnded;
  }
  /** Why the pipeline function takes no further part: `nondeterministic_pipeline` after a divergence. */
  get halted(): Failure | undefined {
    return this.#standing.halted;
  }
  get stopping(): string | undefined {
    return this.#standing.stopping;
  }
  /** The journal's event at which the function did something else; undefined: it repeated all of them. */
  get divergedAt(): number | undefined {
    return this.#standing.divergedAt;
  }
  get diverged(): SkeinError | undefined {
    return this.divergedAt === undefined ? undefined : this.#standing.halting;
  }
  /** The call that it made there instead. */
  get attempted(): StepCalled | StepMapped | undefined {
    return this.#standing.attempted;
  }
  /** What runs is asked to stop: by a stop request, or by `fail_fast`. */
  get mustAbort(): boolean {
    return this.#standing.mustAbort;
  }
  /** Why nothing starts any more; undefined while things may. */
  get closed(): string | undefined {
    return this.#standing.closedFor(this.graph);
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
    return this.#function.takeSpills();
  }

  /**
   * Runs the function through the journal. Afterwards it stands where the last entry left it, perhaps with fresh events.
   * `crash`: the function is not run at all; the run ends with this error.
   */
  async replay(crash?: SkeinError): Promise<void> {
    await inMicrotask;
    // Once the function is out of the run it is not called again: the journal alone counts.
    this.#standing.halted = this.#transcript.halted;
    if (crash !== undefined) this.#standing.halting = crash;
    else if (this.#standing.halted === undefined) this.#function.begin();
    await this.#react();
    for (let event = this.#transcript.next(); event !== undefined; event = this.#transcript.next()) {
      if (!this.#play(event)) continue;
      await drain();
      if (!this.#loads.isEmpty) await this.#settleLoads();
    }
    await this.#takeOver();
  }

  /** What was launched before the point from which changed code goes on, and has ended after it. */
  async #takeOver(): Promise<void> {
    const { reuse } = this.#lent;
    if (reuse === undefined || this.#standing.isBlind) return;
    for (const node of Array.from(this.graph.launched)) {
      const outcome = reuse.outcomeOf(node.called);
      if (outcome === undefined) continue;
      const seen = { t: "outcome", id: node.id, attempt: node.attempt, outcome, at: this.#standing.now } as const;
      if (this.#apply(seen)) await this.#react();
    }
  }

  /** Takes outcomes and ends of waits in, in this order, and whatever follows from them at `now`. */
  async see(news: readonly Seen[], now: number): Promise<void> {
    await inMicrotask;
    for (const seen of news) {
      // A stop that was seen first may have ended the run: nothing comes after its end.
      if (this.hasEnded) return;
      this.#haltIfDue(now);
      if (this.graph.expects(seen) && this.#apply(seen)) await this.#react();
    }
    await this.#advance(now);
  }

  /** A stop request was seen: the function sees nothing more, nothing starts. */
  async stop(reason: string, now: number): Promise<void> {
    await inMicrotask;
    if (this.stopping === undefined && !this.hasEnded) this.#apply({ t: "stopping", reason, at: now });
    await this.#advance(now);
  }

  /** Starts a launched attempt again, or for the first time after its delay, in the turn that writes this down. */
  relaunch(node: Node): void {
    const again: Launched = { t: "launched", id: node.id, attempt: node.attempt };
    this.#apply(node instanceof MapNode && node.size !== undefined ? { ...again, items: node.size } : again);
  }

  #apply(event: RunEvent): boolean {
    this.#transcript.add(event);
    return this.#play(event);
  }

  /** Takes an event in; true where the function may react to it. */
  #play(event: RunEvent): boolean {
    switch (event.t) {
      case "launched": {
        const node = this.graph.launch(event);
        node.launchedAt = this.#standing.now;
        return node instanceof MapNode && node.watched && this.#playExpansion(node);
      }
      case "outcome":
        return this.#playOutcome(event);
      case "woken":
        return this.#playWoken(event);
      case "halted":
        this.#standing.halted = event.error;
        this.graph.waits.close();
        return false;
      case "stopping":
        this.#standing.stopping = event.reason;
        this.graph.waits.close();
        return false;
      case "ended":
        this.#standing.hasEnded = true;
        return false;
      case "logged":
      case "loaded":
      case "rebased":
        return false;
      case "called":
      case "mapped":
      case "cancel":
      case "watched":
      case "waiting":
      case "returned":
      case "threw":
        return this.#playMissed(event);
    }
  }

  #playExpansion(map: MapNode): boolean {
    map.makeItems();
    if (this.#standing.isBlind) return false;
    map.expand();
    return true;
  }

  #playOutcome(event: OutcomeSeen): boolean {
    const standing = this.#standing;
    standing.now = Math.max(standing.now, event.at);
    if (standing.isBlind && parseItemId(event.id) !== undefined && this.graph.find(event.id) === undefined) return false;
    const node = this.graph.see(event);
    if (node === undefined || standing.isBlind) return false;
    if (event.outcome.status === "failed" && this.#of.run.onFailure === "fail_fast") return false;
    node.settle();
    return true;
  }

  #playWoken(event: Woken): boolean {
    const standing = this.#standing;
    standing.now = Math.max(standing.now, event.at);
    return !standing.isBlind && this.graph.waits.take(event, (why) => this.#function.log("warn", why));
  }

  /** The journal has something that the function did not do. Once it is out of the run, the journal alone counts. */
  #playMissed(event: Made): boolean {
    const standing = this.#standing;
    if (!standing.isBlind) {
      standing.divergedAt = this.#transcript.position - 1;
      standing.halting = divergence(event, "did nothing more");
    }
    this.#function.adopt(event);
    return false;
  }

  /** Lets the function react to one delivery, and to the loads that it then asks for. */
  async #react(): Promise<void> {
    await drain();
    if (!this.#loads.isEmpty) await this.#settleLoads();
  }

  async #settleLoads(): Promise<void> {
    if (!this.#standing.isBlind) await this.#loads.settle(this.#transcript, () => this.#standing.isBlind);
  }

  /** Everything that follows at `now` without news from outside: skips, cancellations, launches, the end. */
  async #advance(now: number): Promise<void> {
    if (this.hasEnded) return;
    for (;;) {
      this.#haltIfDue(now);
      await this.#lookUpReady();
      const event = nextEvent(this.graph, this.#rules, now);
      if (event === undefined) {
        if (!this.#isHaltDue) break;
      } else if (this.#apply(event)) await this.#react();
    }
    this.#haltIfStuck(now);
    if (!this.#standing.isOver || !this.graph.isIdle()) return;
    await strayRejectionsAreKnown();
    this.#apply(endOf(this.graph, this.#standing, now));
  }

  get #isHaltDue(): boolean {
    return this.#standing.halting !== undefined && this.#standing.halted === undefined;
  }

  #haltIfDue(now: number): void {
    const { halting } = this.#standing;
    if (halting !== undefined && this.#isHaltDue) this.#apply({ t: "halted", error: failureOf(halting), at: now });
    const [failed] = this.graph.failed;
    if (failed === undefined || this.#of.run.onFailure !== "fail_fast" || this.#standing.isBlind) return;
    this.#apply({ t: "halted", error: failureOf(failed.error()), at: now });
  }

  /** The function is not over, yet nothing of this run will ever settle anything for it. */
  #haltIfStuck(now: number): void {
    if (this.#standing.isOver || this.#standing.isBlind || !this.#loads.isEmpty || this.graph.mayStillTell) return;
    const error = new SkeinError(
      "nothing_to_wait_for",
      "the pipeline function waits for something that no step of this run will ever give: every step that it called has ended. Does it await a promise of its own?",
    );
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

  async #lookUpReady(): Promise<void> {
    if (this.closed !== undefined) return;
    const { reuse, lookUp } = this.#lent;
    const asked: Node[] = [];
    for (const node of this.graph.ready)
      if ((node.called.policy?.cache !== undefined || reuse !== undefined) && !this.#cached.has(node)) asked.push(node);
    if (asked.length === 0) return;
    const found = await Promise.all(asked.map(async (node) => reuse?.outcomeOf(node.called) ?? lookUp(node)));
    for (const [i, node] of asked.entries()) this.#cached.set(node, found[i]);
  }
}

/** What drains need (see `drain`): whatever the caller's context, the code after this is in a microtask. */
const inMicrotask = Promise.resolve();
