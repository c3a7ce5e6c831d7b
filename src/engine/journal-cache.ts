import type { JournalEntry } from "../model/entry.ts";
import type { RunId } from "../model/id.ts";

/** A journal of more events is read again for a replay, instead of being kept twice: as entries and as what they made. */
const maxEvents = 16_384;
/** Events of all journals together that an environment keeps: some tens of megabytes. */
const maxKept = 65_536;

/** What an environment has read or written of a run's journal. Entries never change, so only what came after has to be read (R20). */
export class KnownJournal {
  #entries: JournalEntry[] | undefined = [];
  #events = 0;
  #head: JournalEntry | undefined;
  #reached = -1;

  get head(): JournalEntry | undefined {
    return this.#head;
  }

  /** How far the run has come: `seq` of the last entry that says more than that attempts are begun, perhaps once more. -1: nowhere. */
  get reached(): number {
    return this.#reached;
  }

  /** All of them; undefined where they are too many to be kept. */
  get entries(): readonly JournalEntry[] | undefined {
    return this.#entries;
  }

  /** The next entries, in order; those that are known already are passed over. */
  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (entry.seq !== (this.#head?.seq ?? -1) + 1) continue;
      this.#head = entry;
      if (entry.events.some(({ t }) => t !== "launched")) this.#reached = entry.seq;
      this.#events += entry.events.length;
      if (this.#events > maxEvents) this.#entries = undefined;
      this.#entries?.push(entry);
    }
  }

  /** What it takes to keep it: its events, and something for itself and each entry. */
  get weight(): number {
    return this.#entries === undefined ? 1 : 1 + this.#entries.length + this.#events;
  }
}

/** The journals that an environment knows, the latest ones. */
export class JournalCache {
  readonly #journals = new Map<RunId, KnownJournal>();

  open(run: RunId): KnownJournal {
    const journal = this.#journals.get(run) ?? new KnownJournal();
    this.#journals.delete(run);
    this.#journals.set(run, journal);
    this.#shrink();
    return journal;
  }

  forget(run: RunId): void {
    this.#journals.delete(run);
  }

  #shrink(): void {
    let kept = 0;
    for (const { weight } of this.#journals.values()) kept += weight;
    for (const [run, { weight }] of this.#journals) {
      if (kept <= maxKept || this.#journals.size === 1) return;
      kept -= weight;
      this.#journals.delete(run);
    }
  }
}
