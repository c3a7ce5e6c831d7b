import { MemoryStateStore } from "../../src/adapters/memory/memory-state-store.ts";
import type { AttemptKey, RunningAttempt } from "../../src/model/attempt.ts";
import type { JournalEntry } from "../../src/model/entry.ts";
import type { RunId } from "../../src/model/id.ts";
import type { RunEnd } from "../../src/model/run.ts";
import type { Lost, Won } from "../../src/ports/state-store.ts";
import type { Process } from "./world.ts";

/** An attempt that began: claimed, and (or, inline) its function called. */
export interface Beginning {
  readonly id: string;
  readonly attempt: number;
  readonly process: Process;
}

/** The state store of the simulation: keeps book of what is durable, and tells what must never happen. */
export class Ledger extends MemoryStateStore {
  readonly entries: JournalEntry[] = [];
  /** Functions of steps that were called, in order. */
  readonly called: Beginning[] = [];
  /** The journal has its last entry. */
  hasEnded = false;
  /** The RUN item says so too. */
  isFinished = false;
  readonly #violate: (what: string) => void;
  readonly #launched = new Set<string>();

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
      if (event.t === "launched") this.#launched.add(event.items === undefined ? `${event.id}#${event.attempt}` : event.id);
      if (event.t === "ended") this.hasEnded = true;
    }
  }

  override async finishRun(run: RunId, end: RunEnd): Promise<void> {
    if (!this.hasEnded) this.#violate("the RUN item says that the run has ended, the journal does not");
    await super.finishRun(run, end);
    this.isFinished = true;
  }

  override async claim(key: AttemptKey, row: RunningAttempt): Promise<Won | Lost> {
    const claimed = await super.claim(key, row);
    if (claimed.won && this.hasEnded) this.#violate(`${key.id} attempt ${key.attempt} was claimed after the end`);
    return claimed;
  }

  /** A step's function is being called. */
  begin(id: string, attempt: number, process: Process): void {
    const item = /^(.+)\[\d+\]$/.exec(id);
    const isDecided = this.#launched.has(item?.[1] ?? `${id}#${attempt}`);
    if (!isDecided) this.#violate(`${id} attempt ${attempt} started before an entry decided it`);
    if (this.hasEnded && process.kind === "turn") this.#violate(`${id} attempt ${attempt} started after the end`);
    const before = this.called.filter((other) => other.id === id && other.attempt === attempt);
    if (before.some(({ process }) => !process.isDead)) this.#violate(`${id} attempt ${attempt} was called again beside a process that lives`);
    this.called.push({ id, attempt, process });
  }
}
