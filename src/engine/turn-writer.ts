import type { JournalEntry } from "../model/entry.ts";
import { failureOf, SkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-code.ts";
import type { RunEvent } from "../model/event.ts";
import { inputKey } from "../model/input.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunRecord } from "../model/run.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { appendEvents } from "../record/journal.ts";
import type { KnownJournal } from "./journal-cache.ts";
import type { Invocation, Ports } from "./ports.ts";

/** Deliveries in memory only; a cold turn would deliver them anew, so there should not be many. */
const maxUnwritten = 32;

/** Writes a turn's entries, and knows the journal's head. */
export class TurnWriter {
  readonly #run: RunRecord;
  readonly #ports: Ports;
  readonly #invocation: Invocation;
  readonly #turn: { readonly nonce: string; readonly number: number };
  readonly #journal: KnownJournal;

  constructor(
    run: RunRecord,
    place: { readonly ports: Ports; readonly invocation: Invocation },
    turn: { readonly nonce: string; readonly number: number; readonly journal: KnownJournal },
  ) {
    this.#run = run;
    this.#ports = place.ports;
    this.#invocation = place.invocation;
    this.#turn = turn;
    this.#journal = turn.journal;
  }

  get head(): JournalEntry | undefined {
    return this.#journal.head;
  }

  /**
   * Must these events be durable before anything else happens? Outcomes that lie in their rows need no entry of their own, while
   * the head says already what is true: that the run waits, or that it does not.
   */
  mustWrite(fresh: readonly RunEvent[], wait: boolean): boolean {
    const { head } = this;
    if (head === undefined) return fresh.length > 0;
    return head.wait !== wait || fresh.length > maxUnwritten || fresh.some(isDecision);
  }

  /** Appends what is fresh; undefined: another turn was faster (I1). */
  async write(orchestration: Orchestration, wait: boolean): Promise<JournalEntry | undefined> {
    const { state, artifacts, clock, entropy } = this.#ports;
    const run = this.#run.id;
    for (const { digest, text } of orchestration.takeSpills()) await artifacts.put(inputKey(run, digest), new TextEncoder().encode(text));
    const { id: invocation, until } = this.#invocation;
    const seq = (this.head?.seq ?? -1) + 1;
    const totals = orchestration.graph.totals(this.#turn.number);
    const writing = { run, seq, turn: this.#turn.nonce, invocation, until, at: clock.now(), wait, totals };
    const events = orchestration.take().map(bounded);
    const written = await appendEvents(state, events, writing, entropy);
    if (written === undefined) return undefined;
    this.#journal.add(written);
    this.#log(events);
    return this.head;
  }

  /** The function's own lines leave with the entry that holds them: once each, however often it is replayed. */
  #log(events: readonly RunEvent[]): void {
    const lines = events.filter((event) => event.t === "logged");
    if (lines.length === 0) return;
    const run = this.#run.id;
    this.#ports.logs.write(
      lines.map(({ level, message, fields, at }) => ({ run, at, level, message, ...(fields === undefined ? {} : { fields }) })),
    );
  }
}

/** Bytes of a run's outputs as JSON: references to some 1,500 artifacts, for which each store has room in a row, however badly they pack. */
const maxOutputs = 480_000;

/** A run cannot end with more outputs than its record can hold: it fails, and says so. */
function bounded(event: RunEvent): RunEvent {
  if (event.t !== "ended" || Buffer.byteLength(JSON.stringify(event.outputs)) <= maxOutputs) return event;
  const count = Object.values(event.outputs).flat().length;
  const advice = "have a step put them together, or return the output of a map as a whole, which is one artifact";
  const error = new SkeinError(
    "bad_pipeline_result",
    `the pipeline function returned ${count} artifacts, too many for a run's record: ${advice}`,
  );
  return { ...event, outputs: {}, ...(event.status === "completed" ? { status: "failed", error: failureOf(error) } : {}) };
}

/** Anything but what a later turn finds again by itself: loads, log lines, and outcomes that lie in rows. */
function isDecision(event: RunEvent): boolean {
  if (event.t === "loaded" || event.t === "logged") return false;
  if (event.t !== "outcome") return true;
  const { span, outcome } = event;
  return span !== undefined || outcome.status === "skipped" || outcome.status === "cancelled" || isRefused(outcome);
}

const refusals: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  "missing_operator",
  "inline_timeout_too_long",
  "task_too_large",
  "code_version_gone",
]);

function isRefused(outcome: Outcome): boolean {
  return outcome.status === "failed" && refusals.has(outcome.error.code);
}
