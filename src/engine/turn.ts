import { SkeinError } from "../model/error.ts";
import type { JournalEntry } from "../model/entry.ts";
import type { OutcomeSeen, RunEvent } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import { inputKey } from "../model/input.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import { drain } from "../orchestrate/drain.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import type { Tail } from "../ports/state-store.ts";
import { appendEvents } from "../record/journal.ts";
import { flagMap } from "../record/latch.ts";
import { countCrash, finishRun } from "../record/run.ts";
import { InlineWork } from "./inline-work.ts";
import { launchMap } from "./launch-map.ts";
import { isHeld } from "./lease.ts";
import { MapRange } from "./map-range.ts";
import { mend } from "./mend.ts";
import { nodeTask, shapeOf } from "./node-task.ts";
import { openOrchestration } from "./open-orchestration.ts";
import { isolatedNodes, readOutcomes } from "./outstanding.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import type { WarmRuns } from "./warm-runs.ts";
import { WindDown } from "./wind-down.ts";

/** How a turn ended. `held`: another turn lives and will look. `gone`: there is no such run. */
export type TurnEnd = "ended" | "suspended" | "held" | "gone";

/** What an environment lends to its turns. */
export interface TurnHost {
  readonly warm: WarmRuns;
  /** Resolves when something outside asks the live turn of this run to look: a wake that came meanwhile. */
  poked(run: RunRecord["id"]): Promise<void>;
}

/** Advances a run as far as it goes without waiting for isolated work: one invocation of the orchestrator. */
export async function takeTurn(wake: Wake, ports: TurnPorts, invocation: Invocation, host: TurnHost): Promise<TurnEnd> {
  for (;;) {
    const turn = new Turn(wake, ports, invocation, host);
    const end = await turn.run();
    turn.dropWork();
    // Another turn wrote the entry first: everything in memory is dropped, the journal is the truth (I1).
    if (end !== "lost") return end;
  }
}

class Turn {
  readonly #wake: Wake;
  readonly #ports: TurnPorts;
  readonly #invocation: Invocation;
  readonly #host: TurnHost;
  readonly #nonce: string;
  readonly #work: InlineWork;
  #windDown = new WindDown();
  #startedAt: number;
  #head: JournalEntry | undefined;
  #turns = 0;
  /** Launched, but no place takes them. */
  #refused: OutcomeSeen[] = [];

  constructor(wake: Wake, ports: TurnPorts, invocation: Invocation, host: TurnHost) {
    this.#wake = wake;
    this.#ports = ports;
    this.#invocation = invocation;
    this.#host = host;
    this.#nonce = ports.entropy.nonce();
    this.#work = new InlineWork(ports, invocation);
    this.#startedAt = ports.clock.now();
  }

  async run(): Promise<TurnEnd | "lost"> {
    const warm = this.#host.warm.take(this.#wake.run);
    const run = warm?.run ?? (await this.#ports.state.readRun(this.#wake.run));
    if (run === undefined) return "gone";
    if (run.ended !== undefined) return "ended";
    const tail = await this.#ports.state.readTail(run.id, warm?.head.seq ?? -1);
    this.#head = tail.entries.at(-1) ?? warm?.head;
    if (isOver(this.#head)) return this.#finish(run);
    if (isHeld(this.#head, this.#nonce, this.#wake, this.#ports.clock.now())) return "held";
    this.#turns = (this.#head?.totals.turns ?? 0) + 1;
    if (warm !== undefined && tail.entries.length === 0) {
      this.#startedAt = warm.startedAt;
      this.#windDown = warm.windDown;
      return this.#live(run, warm.orchestration, tail);
    }
    const entries = warm === undefined ? tail.entries : (await this.#ports.state.readTail(run.id, -1)).entries;
    this.#startedAt = entries[0]?.at ?? this.#startedAt;
    const orchestration = await openOrchestration(run, entries, this.#ports, await this.#crashLimit(run));
    return this.#live(run, orchestration, tail);
  }

  /** Three crashes at one head end the run without running user code again (R5). */
  async #crashLimit(run: RunRecord): Promise<SkeinError | undefined> {
    if (this.#turns > run.maxTurns) return new SkeinError("max_turns_exceeded", `the run has taken ${run.maxTurns} turns, the most that it may (maxTurns)`);
    if (this.#wake.reason !== "crash") return undefined;
    const crashes = await countCrash(this.#ports.state, run.id, this.#head?.seq ?? -1);
    return crashes < maxCrashes ? undefined : new SkeinError("turn_crashed", `the orchestrator crashed ${crashes} times at the same place of the run (after journal entry ${this.#head?.seq ?? "none"})`);
  }

  async #live(run: RunRecord, orchestration: Orchestration, tail: Tail): Promise<TurnEnd | "lost"> {
    if (tail.stop !== undefined && orchestration.stopping === undefined) await orchestration.stop(tail.stop.reason, this.#now);
    let seen = [...this.#takeOver(orchestration), ...(await this.#firstOutcomes(run, orchestration))];
    this.#startDue(orchestration);
    for (;;) {
      await orchestration.see(seen, this.#now);
      const launched = await this.#commit(run, orchestration);
      if (launched === "lost") return "lost";
      if (orchestration.hasEnded) return this.#finish(run);
      seen = [...this.#refused.splice(0), ...this.#work.take(), ...(await this.#windDown.apply(orchestration, run, this.#work, this.#ports))];
      if (seen.length > 0) continue;
      if (this.#work.isRunning) {
        const news = await this.#wait(run, orchestration);
        if (news === "lost") return "lost";
        seen = news;
        continue;
      }
      if (launched !== "nothing written") seen = [...(await readOutcomes(orchestration, run, this.#ports, launched))];
      if (seen.length === 0) break;
    }
    if (this.#head !== undefined) this.#host.warm.keep({ run, head: this.#head, orchestration, windDown: this.#windDown, startedAt: this.#startedAt });
    return "suspended";
  }

  get #now(): number {
    return this.#ports.clock.now();
  }

  /** Inline work of a turn that lost its run must not go on beside the winner's. */
  dropWork(): void {
    this.#work.abortAll("another turn has taken the run over");
  }

  /** Inline attempts of dead turns: run again by this one, which writes that down first; or given up, if once is the most. */
  #takeOver(orchestration: Orchestration): readonly OutcomeSeen[] {
    const interrupted: OutcomeSeen[] = [];
    for (const node of [...orchestration.graph.launched]) {
      if (node.called.runtime === "isolated" || this.#work.has(node.id) || node.dueAt !== undefined) continue;
      if (node.called.policy?.delivery === "at_most_once") interrupted.push(interruption(node, this.#now));
      else orchestration.relaunch(node);
    }
    return interrupted;
  }

  /** Attempts whose delay is over start with an entry of their own. */
  #startDue(orchestration: Orchestration): boolean {
    const due = [...orchestration.graph.launched].filter(({ dueAt }) => dueAt !== undefined && dueAt <= this.#now);
    if (orchestration.closed !== undefined) return false;
    for (const node of due) orchestration.relaunch(node);
    return due.length > 0;
  }

  /** Rows of everything that is outstanding; the outcome that the wake carries stands in when nothing else is (R4). */
  async #firstOutcomes(run: RunRecord, orchestration: Orchestration): Promise<readonly OutcomeSeen[]> {
    const { seen, reason } = this.#wake;
    const nodes = isolatedNodes(orchestration);
    const [only] = nodes;
    if (reason === "sweep" || reason === "resume" || this.#wake.relaunch !== undefined) await mend(run, orchestration, this.#wake, this.#ports);
    else if (seen !== undefined && nodes.length === 1 && only?.id === seen.id && only.attempt === seen.attempt) return [{ t: "outcome", ...seen, at: this.#now }];
    return readOutcomes(orchestration, run, this.#ports, none);
  }

  /**
   * Writes what happened, where it must be written, and starts what that entry launched (I2). Answers what it launched.
   * Outcomes that lie in their rows need no entry of their own while the head says that the run waits.
   */
  async #commit(run: RunRecord, orchestration: Orchestration): Promise<ReadonlySet<StepRunId> | "nothing written" | "lost"> {
    const { fresh } = orchestration;
    const launches = fresh.filter((event) => event.t === "launched");
    const starting = launches.map((event) => orchestration.graph.get(event.id)).filter((node) => node.state === "launched" && (node.dueAt ?? 0) <= this.#now);
    const inline = starting.filter((node) => node.called.runtime === "inline" && !this.#work.has(node.id));
    const wait = inline.length === 0 && !this.#work.isRunning;
    if (!this.#mustWrite(fresh, wait)) return "nothing written";
    for (const { digest, text } of orchestration.takeSpills()) await this.#ports.artifacts.put(inputKey(run.id, digest), new TextEncoder().encode(text));
    const head = await appendEvents(this.#ports.state, orchestration.take(), this.#writing(run, orchestration, wait), this.#ports.entropy);
    if (head === undefined) return "lost";
    this.#head = head;
    this.#log(run, head);
    const launched = new Set(launches.map((event) => event.id));
    for (const node of inline) this.#work.start(node, orchestration.graph, run, head.events.some((event) => event.t === "mapped" && event.id === node.id));
    await this.#start(starting.filter((node) => node.called.runtime === "isolated"), run, orchestration);
    await this.#schedule(launches.map((event) => orchestration.graph.get(event.id)));
    await this.#flagWatched(fresh, run, orchestration);
    return launched;
  }

  #mustWrite(fresh: readonly RunEvent[], wait: boolean): boolean {
    if (this.#head === undefined || this.#head.wait !== wait || fresh.length > maxUnwritten) return fresh.length > 0 || this.#head !== undefined;
    return fresh.some((event) => !(event.t === "loaded" || event.t === "logged" || (event.t === "outcome" && event.span === undefined && event.outcome.status !== "skipped" && event.outcome.status !== "cancelled")));
  }

  #writing(run: RunRecord, orchestration: Orchestration, wait: boolean): Parameters<typeof appendEvents>[2] {
    const { id: invocation, until } = this.#invocation;
    return { run: run.id, seq: (this.#head?.seq ?? -1) + 1, turn: this.#nonce, invocation, until, at: this.#now, wait, totals: orchestration.graph.totals(this.#turns) };
  }

  /** The function's own lines leave with the entry that holds them: once each, however often it is replayed. */
  #log(run: RunRecord, { events }: JournalEntry): void {
    const lines = events.filter((event) => event.t === "logged");
    if (lines.length > 0) this.#ports.logs.write(lines.map(({ level, message, fields, at }) => ({ run: run.id, at, level, message, ...(fields === undefined ? {} : { fields }) })));
  }

  async #start(nodes: readonly Node[], run: RunRecord, orchestration: Orchestration): Promise<void> {
    await Promise.all(
      nodes.map(async (node) => {
        const refusal = this.#ports.operator.refuses(node.called.policy ?? {});
        if (refusal !== undefined) this.#refused.push(refused(node, refusal, this.#now));
        else if (node instanceof MapNode) await launchMap(await MapRange.open(node, run, orchestration.graph, this.#ports), this.#ports);
        else await this.#ports.operator.launch(nodeTask(node, orchestration.graph, run));
      }),
    );
  }

  async #schedule(nodes: readonly Node[]): Promise<void> {
    for (const { dueAt } of nodes) if (dueAt !== undefined && dueAt > this.#now) await this.#ports.turns.wake({ v: 1, run: this.#wake.run, reason: "timer" }, dueAt - this.#now);
  }

  /** Flags first; the items' rows are read again after (R10). */
  async #flagWatched(events: readonly RunEvent[], run: RunRecord, orchestration: Orchestration): Promise<void> {
    for (const event of events) {
      const map = event.t === "watched" || event.t === "launched" ? orchestration.graph.find(event.id) : undefined;
      if (map instanceof MapNode && map.watched && map.size !== undefined && map.called.runtime === "isolated") await flagMap(this.#ports.state, run.id, shapeOf(map, run), { watch: true });
    }
  }

  /** While inline work runs: until it gives an outcome, somebody pokes, or it is time to look by oneself (50 ms, doubling to 2 s). */
  async #wait(run: RunRecord, orchestration: Orchestration): Promise<OutcomeSeen[] | "lost"> {
    // Whatever needs no waiting is over when the microtasks are.
    await drain();
    const quick = this.#work.take();
    if (quick.length > 0) return [...quick];
    for (let pause = firstLookMs; ; pause = Math.min(pause * 2, lastLookMs)) {
      const done = new AbortController();
      await this.#work.news(Promise.race([this.#ports.clock.wait(pause, done.signal), this.#host.poked(run.id)]));
      done.abort();
      const ended = this.#work.take();
      if (ended.length > 0) return [...ended];
      const tail = await this.#ports.state.readTail(run.id, this.#head?.seq ?? -1);
      if (tail.entries.length > 0) return "lost";
      if (tail.stop !== undefined && orchestration.stopping === undefined) {
        await orchestration.stop(tail.stop.reason, this.#now);
        return [];
      }
      const seen = await readOutcomes(orchestration, run, this.#ports, none);
      if (seen.length > 0 || this.#startDue(orchestration)) return [...seen];
    }
  }

  async #finish(run: RunRecord): Promise<TurnEnd> {
    if (this.#head !== undefined) await finishRun(this.#ports.state, run, this.#head, this.#startedAt);
    await this.#ports.logs.flush();
    return "ended";
  }
}

const none: ReadonlySet<StepRunId> = new Set();
const maxCrashes = 3;
/** Deliveries in memory only; a cold turn would deliver them anew, so there should not be many. */
const maxUnwritten = 32;
const firstLookMs = 50;
const lastLookMs = 2_000;

function isOver(head: JournalEntry | undefined): boolean {
  return head?.events.some((event) => event.t === "ended") ?? false;
}

function interruption(node: Node, at: number): OutcomeSeen {
  const error = { name: "SkeinError", code: "step_interrupted", message: `step ${node.id} was running when its orchestrator died, and it may run at most once`, step: node.id, retryable: false } as const;
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome: { status: "failed", error }, at };
}

function refused(node: Node, why: string, at: number): OutcomeSeen {
  const error = { name: "SkeinError", code: "missing_operator", message: `step ${node.id} cannot be run anywhere: ${why}`, step: node.id, retryable: false } as const;
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome: { status: "failed", error }, at };
}
