import { formatIssues, validate, type Validation } from "../define/validation.ts";
import type { Schema } from "../define/schema.ts";
import { formatDuration } from "../model/duration.ts";
import { SkeinError } from "../model/error.ts";
import type { Waiting, Woken } from "../model/event.ts";
import { keyOfSignal, type Signal } from "../model/signal.ts";
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
  #isClosed = false;

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** When those are over that have an end, epoch milliseconds. */
  get dueTimes(): readonly number[] {
    return [...this.#open.values()].flatMap(({ event }) => event.dueAt ?? []);
  }

  add(wait: Wait): void {
    if (!this.#isClosed) this.#open.set(wait.event.id, wait);
  }

  /** The function is over or out of the run, and awaits nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#open.clear();
  }

  /** Waits that are over at `now`: by a signal that nobody has taken, else by their time. A signal that is there counts, however late. */
  over(signals: readonly Signal[], now: number): readonly Woken[] {
    const left = signals.filter((signal) => !this.#taken.has(keyOfSignal(signal)));
    const woken: Woken[] = [];
    for (const { event, schema } of this.#open.values()) {
      const at = event.for === "signal" ? left.findIndex(({ name }) => name === event.name) : -1;
      const [signal] = at < 0 ? [] : left.splice(at, 1);
      if (signal !== undefined) woken.push({ t: "woken", id: event.id, at: now, signal, ...refusal(schema, signal) });
      else if (event.dueAt !== undefined && event.dueAt <= now) woken.push({ t: "woken", id: event.id, at: now });
    }
    return woken;
  }

  /** Is it news, or that of a wait which is over, or of a signal that another one took? */
  expects({ id, signal }: Woken): boolean {
    return this.#open.has(id) && (signal === undefined || !this.#taken.has(keyOfSignal(signal)));
  }

  /** True where the function may react to it. A signal that its wait's schema refused is taken, and the wait waits for the next one. */
  take({ id, signal, refused }: Woken, refuse: (why: string) => void): boolean {
    if (signal !== undefined) this.#taken.add(keyOfSignal(signal));
    const wait = this.#open.get(id);
    if (wait === undefined) return false;
    if (signal === undefined)
      return this.#end(wait, () => (wait.event.for === "time" ? wait.resolve(undefined) : wait.reject(timedOut(wait))));
    const valid = refused === undefined ? valueFor(wait.schema, signal) : undefined;
    if (valid instanceof Promise) return this.#end(wait, () => wait.reject(asynchronous(wait)));
    if (valid?.ok === true) return this.#end(wait, () => wait.resolve(valid.value));
    refuse(
      `the signal "${signal.name}" (${signal.id}) was refused, and is waited for again: ${refused ?? formatIssues(valid?.issues ?? [])}`,
    );
    return true;
  }

  #end(wait: Wait, settle: () => void): true {
    this.#open.delete(wait.event.id);
    settle();
    return true;
  }
}

function valueFor(schema: Schema | undefined, { text }: Signal): Validation | Promise<Validation> {
  return schema === undefined ? { ok: true, value: undefined } : validate(schema, decodeValue(text));
}

/** Stands in the journal, so that a schema of other code does not change what was. */
function refusal(schema: Schema | undefined, signal: Signal): { readonly refused?: string } {
  const valid = valueFor(schema, signal);
  return valid instanceof Promise || valid.ok ? {} : { refused: formatIssues(valid.issues) };
}

function asynchronous({ event }: Wait): SkeinError {
  return new SkeinError(
    "bad_call",
    `run.waitFor("${event.name ?? event.id}"): its schema answered with a promise, which a replay could not repeat: it is asynchronous, ` +
      "or (of zod) a refinement or transform of it threw; check the value in a step",
  );
}

function timedOut({ event }: Wait): SkeinError {
  const after = event.dueAt === undefined ? "" : ` within ${formatDuration(event.dueAt - event.at)}`;
  return new SkeinError("wait_timeout", `no signal "${event.name ?? event.id}" came${after}`);
}
