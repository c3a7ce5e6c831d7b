import { SkeinError } from "../model/error.ts";
import type { RunEvent, StepCalled, StepMapped, Waiting } from "../model/event.ts";
import type { Failure } from "../model/failure.ts";
import { sameInput } from "../model/input.ts";
import { divergence, inputDifference } from "./divergence.ts";

/**
 * The run's events: those of the journal, which the pipeline function must repeat, and behind them the fresh ones, which no
 * entry holds yet.
 */
export class Transcript {
  readonly #recorded: readonly RunEvent[];
  #cursor = 0;
  #fresh: RunEvent[] = [];

  constructor(recorded: readonly RunEvent[]) {
    this.#recorded = recorded;
  }

  /** Why the journal takes the function out of the run, if it does. */
  get halted(): Failure | undefined {
    // Only a few events can follow it; a journal without it is walked through once, so without a closure.
    for (let i = this.#recorded.length - 1; i >= 0; i--) {
      const event = this.#recorded[i];
      if (event?.t === "halted") return event.error;
    }
    return undefined;
  }

  /** Events of the journal that have been taken in. */
  get position(): number {
    return this.#cursor;
  }

  get isReplaying(): boolean {
    return this.#cursor < this.#recorded.length;
  }

  /** The journal's next event but for log lines, which are passed over; undefined when the function lives on by itself. */
  peek(): RunEvent | undefined {
    while (this.#recorded[this.#cursor]?.t === "logged") this.#cursor++;
    return this.#recorded[this.#cursor];
  }

  next(): RunEvent | undefined {
    return this.#recorded[this.#cursor++];
  }

  add(event: RunEvent): void {
    this.#fresh.push(event);
  }

  /** Fresh events since the last call. */
  take(): readonly RunEvent[] {
    const taken = this.#fresh;
    this.#fresh = [];
    return taken;
  }

  get fresh(): readonly RunEvent[] {
    return this.#fresh;
  }

  /**
   * The pipeline function did something: compared with the journal while it replays, new afterwards. Answers the recorded form.
   *
   * @throws SkeinError `nondeterministic_pipeline` where the journal says something else (I5)
   */
  make<E extends Made>(event: E): E {
    const recorded = this.peek();
    if (recorded === undefined) {
      this.#fresh.push(event);
      return event;
    }
    const same = matching(event, recorded);
    this.#cursor++;
    return same;
  }

  /** A log line says nothing about decisions: one that the journal lacks, or has in other words, is no divergence. */
  makeLog(event: RunEvent & { readonly t: "logged" }): void {
    const recorded = this.#recorded[this.#cursor];
    if (recorded === undefined) this.#fresh.push(event);
    else if (recorded.t === "logged") this.#cursor++;
  }
}

export type Made = Extract<RunEvent, { readonly t: "called" | "mapped" | "cancel" | "watched" | "waiting" | "returned" | "threw" }>;

function matching<E extends Made>(made: E, recorded: RunEvent): E {
  if (!isSameKind(made, recorded)) throw divergence(recorded, say(made));
  const detail = difference(made, recorded);
  if (detail !== undefined) throw divergence(recorded, say(made), detail);
  return recorded;
}

function isSameKind<E extends Made>(made: E, recorded: RunEvent): recorded is Extract<RunEvent, E> & E {
  return made.t === recorded.t;
}

function difference(made: Made, recorded: Made): string | undefined {
  if (isCall(made) && isCall(recorded)) {
    if (made.step !== recorded.step || made.id !== recorded.id) return "another step";
    return sameInput(recorded.input, made.input) ? undefined : inputDifference(recorded.input, made.input);
  }
  if (made.t === "waiting" && recorded.t === "waiting") return isSameWait(made, recorded) ? undefined : "another wait";
  if ("id" in made && "id" in recorded) return made.id === recorded.id ? undefined : "another step run";
  if (made.t === "returned" && recorded.t === "returned")
    return JSON.stringify(made.outputs) === JSON.stringify(recorded.outputs) ? undefined : "another result";
  return undefined;
}

/** Its question and its time-out may have been changed: those of the journal count. */
function isSameWait(made: Waiting, recorded: Waiting): boolean {
  return made.id === recorded.id && made.for === recorded.for && made.name === recorded.name;
}

function isCall(event: Made): event is StepCalled | StepMapped {
  return event.t === "called" || event.t === "mapped";
}

function say(made: Made): string {
  switch (made.t) {
    case "called":
      return `called step ${made.step} as ${made.id}`;
    case "mapped":
      return `mapped step ${made.step} as ${made.id}`;
    case "cancel":
      return `cancelled ${made.id}`;
    case "watched":
      return `looked at the items of ${made.id}`;
    case "waiting":
      return made.for === "time" ? `slept (${made.id})` : `waited for the signal ${made.name ?? ""} (${made.id})`;
    case "returned":
      return "ended";
    case "threw":
      return `threw ${made.error.name}: ${made.error.message}`;
  }
}

/** The journal's events as they count after resumes with changed code: a `rebased` event takes back those from `keep` on. */
export function effectiveEvents(events: readonly RunEvent[]): {
  readonly kept: readonly RunEvent[];
  readonly orphaned: readonly RunEvent[];
} {
  if (!events.some((event) => event.t === "rebased")) return { kept: events, orphaned: [] };
  let kept: RunEvent[] = [];
  const orphaned: RunEvent[] = [];
  for (const event of events) {
    if (event.t !== "rebased") kept.push(event);
    else {
      if (event.keep > kept.length)
        throw new SkeinError(
          "journal_incomplete",
          `the journal keeps ${event.keep} events of ${kept.length} at a resume with changed code`,
        );
      orphaned.push(...kept.slice(event.keep));
      kept = kept.slice(0, event.keep);
    }
  }
  return { kept, orphaned };
}
