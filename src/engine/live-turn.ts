import type { JournalEntry } from "../model/entry.ts";
import type { OutcomeSeen } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { RunRecord } from "../model/run.ts";
import { drain } from "../orchestrate/drain.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import type { StopRequest } from "../ports/state-store.ts";
import { InlineWork } from "./inline-work.ts";
import { interrupted } from "./interruption.ts";
import { mend } from "./mend.ts";
import { isolatedNodes, readOutcomes } from "./outstanding.ts";
import { TurnLauncher } from "./turn-launcher.ts";
import type { TurnPlace } from "./turn-place.ts";
import { TurnWriter } from "./turn-writer.ts";
import type { WarmRun } from "./warm-runs.ts";

/** A run at the beginning of a turn: replayed, or still standing in memory. */
export type OpenRun = Omit<WarmRun, "head"> & { readonly head: JournalEntry | undefined };

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
  /** Inline attempts that an earlier turn may have begun. */
  readonly #takenOver = new Set<StepRunId>();
  /** The head has said, at some time of this turn, that a turn lives: others that came then have left. */
  #heldOthersOff: boolean;
  #lookedAt: number;

  constructor(place: TurnPlace, open: OpenRun, nonce: string) {
    const { ports, invocation } = place;
    this.#place = place;
    this.#open = open;
    this.#run = open.run;
    this.#orchestration = open.orchestration;
    this.#work = new InlineWork(ports, invocation);
    this.#writer = new TurnWriter(open.run, { ports, invocation }, { nonce, number: (open.head?.totals.turns ?? 0) + 1, head: open.head });
    this.#launcher = new TurnLauncher(open.run, ports);
    this.#lookedAt = ports.clock.now();
    this.#heldOthersOff = open.head?.wait === false;
  }

  get head(): JournalEntry | undefined {
    return this.#writer.head;
  }

  /** Inline work must not go on beside a turn that has taken the run over, or after the end. */
  dropWork(): void {
    this.#work.abortAll("its turn is over");
  }

  async run(stop: StopRequest | undefined): Promise<"ended" | "suspended" | "lost"> {
    await this.#stop(stop);
    let seen: readonly OutcomeSeen[] = [...this.#takeOver(), ...(await this.#firstOutcomes())];
    if (!this.#startDue() && this.#place.wake.reason === "timer") await this.#setAgain();
    for (;;) {
      await this.#orchestration.see(seen, this.#now);
      const written = await this.#commit();
      if (written === "lost") return "lost";
      if (this.#orchestration.hasEnded) return "ended";
      const next = await this.#nextOutcomes(written);
      if (next === "lost") return "lost";
      if (next === "none") return this.#suspend();
      seen = next;
    }
  }

  get #now(): number {
    return this.#place.ports.clock.now();
  }

  /** What the function has not seen yet; waits while inline work runs. `none`: the run needs nothing but isolated outcomes (R4). */
  async #nextOutcomes(written: ReadonlySet<StepRunId> | "nothing written"): Promise<readonly OutcomeSeen[] | "lost" | "none"> {
    const { ports } = this.#place;
    const stopped = await this.#open.windDown.apply(this.#orchestration, this.#run, this.#work, ports);
    const known = [...this.#launcher.takeRefused(), ...this.#work.take(), ...stopped];
    if (known.length > 0) return known;
    if (this.#work.isRunning) return this.#wait();
    if (written === "nothing written") return "none";
    const found = await readOutcomes(this.#orchestration, this.#run, ports, written);
    if (found.length > 0) return found;
    return this.#heldOthersOff ? this.#lookBack() : "none";
  }

  /** Whoever came while the head was no invitation went away again, and with them a stop request or a timer: looks for both. */
  async #lookBack(): Promise<readonly OutcomeSeen[] | "lost" | "none"> {
    this.#heldOthersOff = false;
    const tail = await this.#place.ports.state.readTail(this.#run.id, this.#writer.head?.seq ?? -1);
    if (tail.entries.length > 0) return "lost";
    const isStopped = await this.#stop(tail.stop);
    return this.#startDue() || isStopped ? [] : "none";
  }

  #suspend(): "suspended" {
    const { head } = this.#writer;
    if (head !== undefined) this.#place.host.warm.keep({ ...this.#open, head });
    return "suspended";
  }

  async #stop(stop: StopRequest | undefined): Promise<boolean> {
    if (stop === undefined || this.#orchestration.stopping !== undefined) return false;
    await this.#orchestration.stop(stop.reason, this.#now);
    return true;
  }

  /** Inline attempts of dead turns: run again by this one, which writes that down first; or given up, if once is the most. */
  #takeOver(): readonly OutcomeSeen[] {
    const given: OutcomeSeen[] = [];
    const begun = [...this.#orchestration.graph.launched].filter((node) => node.called.runtime === "inline" && node.dueAt === undefined);
    for (const node of begun) {
      if (node.called.policy?.delivery === "at_most_once" && !(node instanceof MapNode)) given.push(interruption(node, this.#now));
      else {
        this.#takenOver.add(node.id);
        this.#orchestration.relaunch(node);
      }
    }
    return given;
  }

  /** Attempts whose delay is over start with an entry of their own. */
  #startDue(): boolean {
    if (this.#orchestration.closed !== undefined) return false;
    const due = [...this.#orchestration.graph.launched].filter(({ dueAt }) => dueAt !== undefined && dueAt <= this.#now);
    for (const node of due) this.#orchestration.relaunch(node);
    return due.length > 0;
  }

  /** The timer came early, by another clock or because queues keep nothing for long: the next one due is set again. */
  async #setAgain(): Promise<void> {
    const delayed = [...this.#orchestration.graph.launched].filter(({ dueAt }) => dueAt !== undefined);
    const [first] = delayed.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0));
    if (first !== undefined) await this.#launcher.schedule([first]);
  }

  /** Rows of everything that is outstanding; the outcome that the wake carries stands in when nothing else is (R4). */
  async #firstOutcomes(): Promise<readonly OutcomeSeen[]> {
    const { wake, ports } = this.#place;
    const { seen, reason, relaunch } = wake;
    const nodes = isolatedNodes(this.#orchestration);
    const [only] = nodes;
    if (reason === "sweep" || reason === "resume" || reason === "crash" || relaunch !== undefined)
      await mend(this.#run, this.#orchestration, wake, ports);
    else if (seen !== undefined && nodes.length === 1 && only?.id === seen.id && only.attempt === seen.attempt)
      return [{ t: "outcome", ...seen, at: this.#now }];
    return readOutcomes(this.#orchestration, this.#run, ports, none);
  }

  /** Writes what happened, where it must be written, and starts what that entry launched (I2). Answers what it launched. */
  async #commit(): Promise<ReadonlySet<StepRunId> | "nothing written" | "lost"> {
    const { graph, fresh } = this.#orchestration;
    const launched = fresh.flatMap((event) => (event.t === "launched" ? [graph.get(event.id)] : []));
    const starting = launched.filter((node) => node.state === "launched" && node.dueAt === undefined);
    const inline = starting.filter((node) => node.called.runtime === "inline" && !this.#work.has(node.id));
    const wait = inline.length === 0 && this.#work.isOver;
    if (!this.#writer.mustWrite(fresh, wait)) return "nothing written";
    const head = await this.#writer.write(this.#orchestration, wait);
    if (head === undefined) return "lost";
    this.#heldOthersOff ||= !wait;
    for (const node of inline) this.#work.start(node, graph, this.#run, !this.#takenOver.has(node.id));
    await this.#launcher.launch(
      starting.filter((node) => node.called.runtime === "isolated"),
      this.#orchestration,
    );
    await this.#launcher.schedule(launched);
    await this.#launcher.flagWatched(fresh, this.#orchestration);
    await this.#launcher.endItems(fresh, this.#orchestration);
    return new Set(launched.map((node) => node.id));
  }

  /** While inline work runs: until it gives an outcome, somebody pokes, or it is time to look by oneself. */
  async #wait(): Promise<readonly OutcomeSeen[] | "lost"> {
    // Whatever needs no waiting is over when the microtasks are.
    await drain();
    const { ports, host } = this.#place;
    for (let pause = firstLookMs; ; pause = Math.min(pause * 2, lastLookMs)) {
      const ended = this.#work.take();
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
  async #look(): Promise<readonly OutcomeSeen[] | "lost" | "nothing"> {
    const { ports } = this.#place;
    this.#lookedAt = this.#now;
    const tail = await ports.state.readTail(this.#run.id, this.#writer.head?.seq ?? -1);
    if (tail.entries.length > 0) return "lost";
    if (await this.#stop(tail.stop)) return [];
    const seen = await readOutcomes(this.#orchestration, this.#run, ports, none);
    return seen.length > 0 || this.#startDue() ? seen : "nothing";
  }
}

const none: ReadonlySet<StepRunId> = new Set();
/** A live turn looks at inbox and rows after 50 ms, doubling to 2 s. */
const firstLookMs = 50;
const lastLookMs = 2_000;

function interruption(node: Node, at: number): OutcomeSeen {
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome: interrupted(node.id), at };
}
