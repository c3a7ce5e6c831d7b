import type { JournalEntry } from "../model/entry.ts";
import type { Ended, Logged, OutcomeSeen, RunEvent, StepCalled, StepMapped } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import { CallHistory } from "./call-history.ts";
import { OpenWaits } from "./open-waits.ts";

/** A run's journal, folded. It grows: `add` takes the entries that came since. */
export class History {
  /** Of events that count, with the time of their entry: a resume with changed code takes the last ones back. */
  #kept: Recorded[] = [];
  readonly #calls = new Map<StepRunId, CallHistory>();
  readonly #items = new Map<StepRunId, OutcomeSeen>();
  readonly logged: Logged[] = [];
  readonly waits = new OpenWaits();
  head: JournalEntry | undefined;
  startedAt: number | undefined;
  isStopping = false;
  ended: Ended | undefined;

  static of(entries: readonly JournalEntry[]): History {
    const history = new History();
    history.add(entries);
    return history;
  }

  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.startedAt ??= entry.at;
      this.head = entry;
      for (const event of entry.events) this.#take({ event, at: entry.at });
    }
  }

  /** In the order in which they were called. */
  get calls(): Iterable<CallHistory> {
    return this.#calls.values();
  }

  call(id: StepRunId): CallHistory | undefined {
    return this.#calls.get(id);
  }

  /** How an item of a map ended, where the pipeline function looked at single items. */
  itemOutcome(id: StepRunId): OutcomeSeen | undefined {
    return this.#items.get(id);
  }

  #take(recorded: Recorded): void {
    if (recorded.event.t === "rebased") this.#goBack(recorded.event.keep);
    else {
      this.#kept.push(recorded);
      this.#apply(recorded);
    }
  }

  #goBack(keep: number): void {
    this.#kept = this.#kept.slice(0, keep);
    this.#calls.clear();
    this.#items.clear();
    this.logged.length = 0;
    this.waits.clear();
    this.isStopping = false;
    this.ended = undefined;
    for (const recorded of this.#kept) this.#apply(recorded);
  }

  #apply({ event, at }: Recorded): void {
    this.waits.take(event);
    switch (event.t) {
      case "called":
      case "mapped":
        this.#calls.set(event.id, new CallHistory(event, this.#calls.size));
        break;
      case "launched":
        this.#calls.get(event.id)?.launch(event, at);
        break;
      case "cancel":
        this.#calls.get(event.id)?.giveUp();
        break;
      case "outcome":
        this.#see(event);
        break;
      case "logged":
        this.logged.push(event);
        break;
      case "stopping":
        this.isStopping = true;
        break;
      case "ended":
        this.ended = event;
        break;
      default: // what the function looked at or gave back changes no step run
    }
  }

  #see(event: OutcomeSeen): void {
    const call = this.#calls.get(event.id);
    if (call === undefined) this.#items.set(event.id, event);
    else call.see(event);
  }
}

interface Recorded {
  readonly event: RunEvent;
  readonly at: number;
}

export type MapHistory = CallHistory & { readonly call: StepMapped };
export type StepHistory = CallHistory & { readonly call: StepCalled };

export function isMap(history: CallHistory): history is MapHistory {
  return history.call.t === "mapped";
}

export function isStep(history: CallHistory): history is StepHistory {
  return history.call.t === "called";
}
