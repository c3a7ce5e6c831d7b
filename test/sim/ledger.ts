import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import type { AttemptKey, EndedAttempt, RunningAttempt } from "../../src/model/attempt.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { RunId } from "../../src/model/id.ts";
import type { RunEnd } from "../../src/model/run.ts";
import type { Signal } from "../../src/model/signal.ts";
import type { Lost, StopRequest, Won } from "../../src/ports/state-store.ts";
import type { Process } from "./world.ts";

/** An attempt that began: claimed, and (or, inline) its function called. */
export interface Beginning {
  readonly id: string;
  readonly attempt: number;
  readonly process: Process;
}

/** As much time may pass in a simulated store and by a wrong clock, from the moment at which a step is decided to its beginning. */
const dawdleMs = 8_000;

/** The state store of the simulation: keeps book of what is durable, and tells what must never happen. */
export class Ledger extends MemoryStateStore {
  readonly entries: JournalEntry[] = [];
  /** Functions of steps that were called, in order. */
  readonly called: Beginning[] = [];
  /** The journal has its last entry. */
  hasEnded = false;
  /** The RUN item says so too. */
  isFinished = false;
  stopRequestedAt: number | undefined;
  /** Signals as they were written, repetitions too. */
  readonly told: Signal[] = [];
  readonly #violate: (what: string) => void;
  readonly #launched = new Set<string>();
  /** Of maps: how many items may run at once. */
  readonly #widths = new Map<string, number>();
  readonly #running = new Map<string, Set<string>>();
  /** Of step runs that have one, milliseconds. */
  readonly #timeouts = new Map<string, number>();

  constructor(violate: (what: string) => void) {
    super();
    this.#violate = violate;
  }

  override async append(run: RunId, entry: JournalEntry): Promise<"appended" | "lost"> {
    const isNew = entry.seq === this.entries.length;
    const answer = await super.append(run, entry);
    if (entry.seq > this.entries.length) this.#violate(`entry ${entry.seq} was appended after ${this.entries.length} entries`);
    if (isNew && answer === "appended") this.#take(entry);
    return answer;
  }

  #take(entry: JournalEntry): void {
    if (this.hasEnded) this.#violate(`entry ${entry.seq} was appended after the end`);
    this.entries.push(entry);
    for (const event of entry.events) {
      if ((event.t === "called" || event.t === "mapped") && event.policy?.timeoutMs !== undefined)
        this.#timeouts.set(event.id, event.policy.timeoutMs);
      if (event.t === "mapped") this.#widths.set(event.id, event.maxConcurrency ?? Infinity);
      if (event.t === "launched") this.#launched.add(event.items === undefined ? `${event.id}#${event.attempt}` : event.id);
      if (event.t === "ended") this.hasEnded = true;
    }
  }

  override async sendSignal(run: RunId, signal: Signal): Promise<void> {
    await super.sendSignal(run, signal);
    this.told.push(signal);
  }

  override async requestStop(run: RunId, request: StopRequest): Promise<void> {
    await super.requestStop(run, request);
    this.stopRequestedAt ??= request.at;
  }

  override async finishRun(run: RunId, end: RunEnd): Promise<void> {
    if (!this.hasEnded) this.#violate("the RUN item says that the run has ended, the journal does not");
    await super.finishRun(run, end);
    this.isFinished = true;
  }

  override async claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
    const claimed = await super.claim(key, row);
    if (claimed.won && this.hasEnded) this.#violate(`${key.id} attempt ${key.attempt} was claimed after the end`);
    if (claimed.won && key.item !== undefined) this.#count(key.item.map, `${key.id}#${key.attempt}`);
    return claimed;
  }

  #count(map: string, attempt: string): void {
    const running = this.#running.get(map) ?? new Set();
    this.#running.set(map, running.add(attempt));
    if (running.size > (this.#widths.get(map) ?? Infinity)) this.#violate(`${running.size} items of ${map} run at once`);
  }

  override async end(key: AttemptKey, row: EndedAttempt): Promise<Won | Lost> {
    if (key.item !== undefined) this.#running.get(key.item.map)?.delete(`${key.id}#${key.attempt}`);
    return super.end(key, row);
  }

  override async bury(key: AttemptKey, nonce: string, row: EndedAttempt): Promise<Won | Lost> {
    if (key.item !== undefined) this.#running.get(key.item.map)?.delete(`${key.id}#${key.attempt}`);
    return super.bury(key, nonce, row);
  }

  /** A step's function is being called, at this time of the world. */
  begin(id: string, attempt: number, { process, now }: { readonly process: Process; readonly now: number }): void {
    const item = /^(.+)\[\d+\]$/.exec(id);
    const timeoutMs = this.#timeouts.get(item?.[1] ?? id);
    if (process.kind === "turn" && timeoutMs !== undefined && process.until - now < timeoutMs - dawdleMs)
      this.#violate(
        `${id} attempt ${attempt} was begun ${process.until - now} ms before its turn's deadline, and may take ${timeoutMs} ms (R17)`,
      );
    const isDecided = this.#launched.has(item?.[1] ?? `${id}#${attempt}`);
    if (!isDecided) this.#violate(`${id} attempt ${attempt} started before an entry decided it`);
    if (this.hasEnded && process.kind === "turn") this.#violate(`${id} attempt ${attempt} started after the end`);
    const before = this.called.filter((other) => other.id === id && other.attempt === attempt);
    if (before.some(({ process }) => !process.isDead))
      this.#violate(`${id} attempt ${attempt} was called again beside a process that lives`);
    this.called.push({ id, attempt, process });
  }
}
