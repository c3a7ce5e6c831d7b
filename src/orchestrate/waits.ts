import { formatIssues, validate } from "../define/validation.ts";
import type { Schema } from "../define/schema.ts";
import { formatDuration } from "../model/duration.ts";
import { SkeinError } from "../model/error.ts";
import type { Waiting, Woken } from "../model/event.ts";
import type { Signal } from "../model/signal.ts";
import { decodeValue } from "../model/value.ts";

/** What the pipeline function waits for: a time, or a signal. */
export interface Wait {
  readonly event: Waiting;
  /** Of the signal's value; without one it carries nothing that the function wants. */
  readonly schema: Schema | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The open waits of a run, in the order in which they began. They hold nothing up but the function that awaits them. */
export class Waits {
  readonly #open = new Map<string, Wait>();
  /** Signals that a wait has taken. */
  readonly #taken = new Set<string>();

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** When the first of those that have an end is over, epoch milliseconds. */
  get firstDueAt(): number | undefined {
    const due = [...this.#open.values()].flatMap(({ event }) => event.dueAt ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  add(wait: Wait): void {
    this.#open.set(wait.event.id, wait);
  }

  /** Waits that are over at `now`: by a signal that nobody has taken, else by their time. */
  over(signals: readonly Signal[], now: number): readonly Woken[] {
    const left = signals.filter(({ id }) => !this.#taken.has(id));
    const woken: Woken[] = [];
    for (const { event } of this.#open.values()) {
      const at = event.for === "signal" ? left.findIndex(({ name }) => name === event.name) : -1;
      const [signal] = at < 0 ? [] : left.splice(at, 1);
      if (signal !== undefined) woken.push({ t: "woken", id: event.id, at: now, signal });
      else if (event.dueAt !== undefined && event.dueAt <= now) woken.push({ t: "woken", id: event.id, at: now });
    }
    return woken;
  }

  /** Is it news, and does its wait go on? A signal that its wait's schema refuses is taken, and the wait waits for the next one. */
  take({ id, signal }: Woken, refuse: (why: string) => void): boolean {
    if (signal !== undefined) this.#taken.add(signal.id);
    const wait = this.#open.get(id);
    if (wait === undefined) return false;
    if (signal === undefined) return this.#end(wait, () => (wait.event.for === "time" ? wait.resolve(undefined) : wait.reject(timedOut(wait))));
    const valid = wait.schema === undefined ? ({ ok: true, value: undefined } as const) : validate(wait.schema, decodeValue(signal.text));
    if (valid instanceof Promise)
      return this.#end(wait, () => wait.reject(new SkeinError("bad_call", `the schema of the wait for "${id}" is asynchronous: a replay could not repeat it`)));
    if (valid.ok) return this.#end(wait, () => wait.resolve(valid.value));
    refuse(`the signal "${signal.name}" (${signal.id}) was refused, and is waited for again: ${formatIssues(valid.issues)}`);
    return true;
  }

  #end(wait: Wait, settle: () => void): true {
    this.#open.delete(wait.event.id);
    settle();
    return true;
  }
}

function timedOut({ event }: Wait): SkeinError {
  const after = event.dueAt === undefined ? "" : ` within ${formatDuration(event.dueAt - event.at)}`;
  return new SkeinError("wait_timeout", `no signal "${event.name ?? event.id}" came${after}`);
}
