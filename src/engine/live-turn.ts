import type { OutcomeSeen, Seen, Woken } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { drain } from "../orchestrate/drain.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import type { Tail } from "../ports/state-store.ts";
import type { Signal } from "../model/signal.ts";
import { InlineGate } from "./inline-gate.ts";
import { InlineWork } from "./inline-work.ts";
import type { KnownJournal } from "./journal-cache.ts";
import { leftInline } from "./left-inline.ts";
import { mend } from "./mend.ts";
import { isolatedNodes, readOutcomes } from "./outstanding.ts";
import { TurnLauncher } from "./turn-launcher.ts";
import type { TurnPlace } from "./turn-place.ts";
import { TurnTime } from "./turn-time.ts";
import { TurnTimers } from "./turn-timers.ts";
import { TurnWriter } from "./turn-writer.ts";
import type { WarmRun } from "./warm-runs.ts";

/** A run at the beginning of a turn: replayed, or still standing in memory. */
export type OpenRun = Omit<WarmRun, "seq"> & { readonly journal: KnownJournal };

/**
 * The part of a turn that lives: takes outcomes in, writes what follows, starts it, and goes on until the run has ended or needs
 * nothing but outcomes of isolated work.
 */
export class LiveTurn {
  readonly #place: TurnPlace;
  readonly #open: OpenRun;
  readonly #run: RunRecord;
  readonly #orchestration: Orchestration;
  readonly #work: InlineWork;
  readonly #writer: TurnWriter;
  readonly #launcher: TurnLauncher;
  readonly #timers: TurnTimers;
  readonly #time: TurnTime;
  /** All that the run was ever sent, as far as this turn has read. */
  #signals: readonly Signal[] = [];
  readonly #gate: InlineGate;
  /** When the next turn has something to do that this one leaves to it, and asks for it, epoch milliseconds. */
  #nextTurnAt: number | undefined;
  /** The head has said, at some time of this turn, that a turn lives, or not yet what the run waits for: others that came then have left. */
  #heldOthersOff: boolean;
  #lookedAt: number;
  /** What the newest entry launched, while this turn has not read the rows of all else since that entry. */
  #unread: ReadonlySet<StepRunId> | undefined;

  constructor(place: TurnPlace, open: OpenRun, nonce: string) {
    const { ports, invocation, host, wake } = place;
    this.#place = place;
    this.#open = open;
    this.#run = open.run;
    this.#orchestration = open.orchestration;
    const { journal } = open;
    this.#time = new TurnTime(invocation, ports.clock);
    this.#work = new InlineWork(ports, invocation, this.#time);
    this.#writer = new TurnWriter(open.run, { ports, invocation }, { nonce, number: (journal.head?.totals.turns ?? 0) + 1, journal });
    this.#launcher = new TurnLauncher(open.run, ports, host.passesBaton === true && wake.reason !== "crash");
    this.#gate = new InlineGate(place, open.orchestration, this.#launcher, this.#time);
    this.#timers = new TurnTimers(open.run, ports);
    this.#lookedAt = ports.clock.now();
    this.#heldOthersOff = journal.head?.wait === false;
  }

  /** Inline work must not go on beside a turn that has taken the run over, or after the end. */
  dropWork(): void {
    this.#work.abortAll("its turn is over");
  }

  /** `lost`, `overtaken`: another turn wrote its entry first; `overtaken`: while nobody stayed away because of this one. */
  async run(tail: Tail): Promise<"ended" | "suspended" | "lost" | "overtaken"> {
    await this.#hear(tail);
    let seen: readonly Seen[] = [...this.#takeOver(), ...(await this.#firstOutcomes())];
    this.#startDue();
    await this.#timers.setLost(this.#orchestration.graph, this.#place.wake);
    for (;;) {
      await this.#orchestration.see(seen, this.#now);
      if ((await this.#commit()) === "lost") return this.#heldOthersOff ? "lost" : "overtaken";
      if (this.#orchestration.hasEnded) return "ended";
      const next = await this.#nextOutcomes();
      if (next === "lost") return "lost";
      if (next === "none") return this.#suspend();
      seen = next;
    }
  }

  get #now(): number {
    return this.#place.ports.clock.now();
  }

  /** What the function has not seen yet; waits while inline work runs. `none`: the run needs nothing but isolated outcomes (R4). */
  async #nextOutcomes(): Promise<readonly Seen[] | "lost" | "none"> {
    const { ports } = this.#place;
    const stopped = await this.#open.windDown.apply(this.#orchestration, this.#run, this.#work, ports);
    const known = [...this.#launcher.takeRefused(), ...this.#work.take(), ...stopped, ...this.#woken()];
    if (known.length > 0) return known;
    if (this.#work.isRunning) return this.#wait();
    // What was left ended while an entry was on its way: the head is to say that nothing runs any more (R3).
    if (this.#writer.head?.wait === false) return [];
    if (this.#gate.handsOver || this.#time.isShort) this.#handOver(this.#now);
    if (this.#work.leftUntil !== undefined) this.#handOver(this.#work.leftUntil);
    // The next turn reads what this one has not.
    if (this.#nextTurnAt !== undefined && this.#nextTurnAt <= this.#now) return "none";
    const unread = this.#unread;
    this.#unread = undefined;
    const found = unread === undefined ? [] : await readOutcomes(this.#orchestration, this.#run, ports, unread);
    if (found.length > 0) return found;
    const seen = this.#heldOthersOff ? await this.#lookBack() : "none";
    return seen === "none" ? this.#linger() : seen;
  }

  /** There is no time for everything: the rest is the next turn's (R17). */
  #handOver(at: number): void {
    this.#nextTurnAt = Math.min(at, this.#nextTurnAt ?? Infinity);
  }

  /** The hot wait: others may come at any time, since the head says that the run waits. */
  async #linger(): Promise<readonly Seen[] | "lost" | "none"> {
    const { hotWaitMs = 0 } = this.#place.host;
    if (hotWaitMs === 0 || this.#orchestration.graph.launched.size === 0) return "none";
    const end = this.#now + hotWaitMs;
    for (let pause = firstHotLookMs; this.#now < end && !this.#time.isShort; pause = Math.min(pause * 2, lastLookMs)) {
      await this.#place.ports.clock.wait(Math.min(pause, end - this.#now));
      const seen = await this.#look();
      if (seen !== "nothing") return seen;
    }
    return "none";
  }

  /**
   * Whoever came while the head was no invitation, or told of a signal before its wait was written down, went away again, and with
   * them a stop request, a signal or a timer: looks for all of them.
   */
  async #lookBack(): Promise<readonly Seen[] | "lost" | "none"> {
    this.#heldOthersOff = false;
    const tail = await this.#place.ports.state.readTail(this.#run.id, this.#writer.head?.seq ?? -1);
    if (tail.entries.length > 0) return "lost";
    const isStopped = await this.#hear(tail);
    const woken = this.#woken();
    if (this.#startDue() || isStopped || woken.length > 0) return woken;
    await this.#timers.setLost(this.#orchestration.graph, { v: 1, run: this.#run.id, reason: "continue" });
    return "none";
  }

  async #suspend(): Promise<"suspended"> {
    const { head } = this.#writer;
    const { host, ports } = this.#place;
    const { run, orchestration, windDown, startedAt } = this.#open;
    if (head !== undefined) host.warm.keep({ run, orchestration, windDown, startedAt, seq: head.seq });
    if (this.#nextTurnAt !== undefined)
      await ports.turns.wake({ v: 1, run: run.id, reason: "continue" }, Math.max(0, this.#nextTurnAt - this.#now));
    return "suspended";
  }

  /** Takes signals and a stop request in; true where the run was stopped by it. */
  async #hear({ stop, signals }: Tail): Promise<boolean> {
    this.#signals = signals ?? [];
    if (stop === undefined || this.#orchestration.stopping !== undefined) return false;
    await this.#orchestration.stop(stop.reason, this.#now);
    return true;
  }

  /** Ends of waits. */
  #woken(): readonly Woken[] {
    return this.#orchestration.graph.waits.over(this.#signals, this.#now);
  }

  /** Inline attempts of earlier turns: run by this one, which writes that down first. */
  #takeOver(): readonly OutcomeSeen[] {
    const { given, again } = leftInline(this.#orchestration, this.#writer.head, this.#now);
    for (const [node, how] of again) if (this.#gate.takesOver(node, how)) this.#orchestration.relaunch(node);
    return given;
  }

  /** Attempts whose delay is over start with an entry of their own. */
  #startDue(): boolean {
    if (this.#orchestration.closed !== undefined) return false;
    const due = [...this.#orchestration.graph.launched].filter(({ dueAt }) => dueAt !== undefined && dueAt <= this.#now);
    for (const node of due) this.#orchestration.relaunch(node);
    return due.length > 0;
  }

  /** Rows of everything that is outstanding; the outcome that the wake carries stands in when nothing else is (R4). */
  async #firstOutcomes(): Promise<readonly OutcomeSeen[]> {
    const { wake, ports } = this.#place;
    const { seen, reason } = wake;
    const { graph } = this.#orchestration;
    const nodes = isolatedNodes(this.#orchestration);
    const [only] = nodes;
    if (reason === "sweep" || reason === "resume" || reason === "crash") await mend(this.#run, this.#orchestration, wake, ports);
    else if (
      seen !== undefined &&
      nodes.length === 1 &&
      only?.id === seen.id &&
      only.attempt === seen.attempt &&
      !graph.hasOutstandingItems
    )
      return [{ t: "outcome", ...seen, at: this.#now }];
    return readOutcomes(this.#orchestration, this.#run, ports, none);
  }

  /** Writes what happened, where it must be written, and starts what that entry launched (I2). */
  async #commit(): Promise<"done" | "lost"> {
    const { graph, fresh } = this.#orchestration;
    const launched = fresh.flatMap((event) => (event.t === "launched" ? [graph.get(event.id)] : []));
    const starting = launched.filter((node) => node.state === "launched" && node.dueAt === undefined);
    const inline = this.#gate.next(
      starting.filter((node) => node.called.runtime === "inline" && !this.#work.has(node.id)),
      this.#work.running,
    );
    const begin = () => inline.forEach((node) => this.#work.start(node, graph, this.#run, this.#gate.howBegins(node)));
    const wait = inline.length === 0 && this.#work.isOver;
    if (!this.#writer.mustWrite(fresh, wait)) {
      // Those have waited since an earlier entry.
      begin();
      return "done";
    }
    const next = (this.#writer.head?.seq ?? -1) + 1;
    const head = await this.#writer.write(this.#orchestration, wait);
    if (head === undefined) return "lost";
    // Of an entry that was split, only the last part says that the run waits.
    this.#heldOthersOff ||= !wait || head.seq > next || fresh.some((event) => event.t === "waiting" && event.for === "signal");
    begin();
    await this.#launcher.launch(
      starting.filter((node) => node.called.runtime === "isolated"),
      this.#orchestration,
    );
    await this.#timers.set([...launched, ...fresh.filter((event) => event.t === "waiting")].flatMap(({ dueAt }) => dueAt ?? []));
    await this.#launcher.flagWatched(fresh, this.#orchestration);
    await this.#launcher.endItems(fresh, this.#orchestration);
    this.#unread = new Set(launched.map((node) => node.id));
    return "done";
  }

  /** While inline work runs: until it gives an outcome, somebody pokes, or it is time to look by oneself. */
  async #wait(): Promise<readonly Seen[] | "lost"> {
    // Whatever needs no waiting is over when the microtasks are.
    await drain();
    const { ports, host } = this.#place;
    for (let pause = firstLookMs; ; pause = Math.min(pause * 2, lastLookMs)) {
      const ended = this.#work.take();
      if (ended.length === 0 && !this.#work.isRunning) return ended;
      // A long row of quick steps must not keep a stop request from being seen.
      if (ended.length > 0 && this.#now < this.#lookedAt + lastLookMs) return ended;
      if (ended.length === 0) {
        const done = new AbortController();
        await this.#work.news(Promise.race([ports.clock.wait(pause, done.signal), host.poked(this.#run.id)]));
        done.abort();
        if (this.#work.hasEnded) continue;
      }
      const seen = await this.#look();
      if (seen === "lost") return "lost";
      if (seen !== "nothing" || ended.length > 0) return seen === "nothing" ? ended : [...ended, ...seen];
    }
  }

  /** What others did to the run meanwhile; an empty list: something is to be written down. */
  async #look(): Promise<readonly Seen[] | "lost" | "nothing"> {
    const { ports } = this.#place;
    this.#lookedAt = this.#now;
    const tail = await ports.state.readTail(this.#run.id, this.#writer.head?.seq ?? -1);
    if (tail.entries.length > 0) return "lost";
    if (await this.#hear(tail)) return [];
    const seen = [...(await readOutcomes(this.#orchestration, this.#run, ports, none)), ...this.#woken()];
    return seen.length > 0 || this.#startDue() ? seen : "nothing";
  }
}

const none: ReadonlySet<StepRunId> = new Set();
/** A live turn looks at inbox and rows after 50 ms, doubling to 2 s. */
const firstLookMs = 50;
const lastLookMs = 2_000;
/** A hot wait is for outcomes that come at once. */
const firstHotLookMs = 20;
