import type { Waiting, Woken } from "../../src/model/event.ts";
import { keyOfSignal } from "../../src/model/signal.ts";
import { wantsNumber } from "./waits.ts";

/** What went wrong in a program, in the words that it notes. */
export class Trouble extends Error {}

/** A wait of the reference. Its id follows from the order of chains within one drain, which plain promises may have otherwise. */
interface ReckonedWait {
  /** Of the operation. */
  readonly at: string;
  readonly name: string | undefined;
  readonly dueAt: number | undefined;
  readonly since: number;
  id: string | undefined;
  readonly resolve: (value: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** The waits of the reference: when they begin and end follows from what its function saw. */
export class ReckonedWaits {
  /** What the function knows as the time. */
  now: number;
  readonly wrong: string[] = [];
  readonly #made: ReckonedWait[] = [];
  readonly #open = new Set<ReckonedWait>();
  readonly #taken = new Set<string>();
  #isClosed = false;

  constructor(begun: number) {
    this.now = begun;
  }

  add(at: string, name: string | undefined, ms: number | undefined): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const wait = { at, name, since: this.now, dueAt: ms === undefined ? undefined : this.now + ms, id: undefined, resolve, reject };
      this.#made.push(wait);
      if (!this.#isClosed) this.#open.add(wait);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#open.clear();
  }

  /** What the journal has no wait for. */
  get missing(): readonly string[] {
    return this.#made.filter(({ id }) => id === undefined).map(({ at }) => at);
  }

  /** The journal has a wait: one of those that were made, under this id. */
  begin({ id, name, question, dueAt, at }: Waiting): void {
    const wait = this.#made.find(
      (made) =>
        made.id === undefined &&
        made.name === name &&
        (name === undefined || made.at === question) &&
        made.dueAt === dueAt &&
        made.since === at,
    );
    if (wait === undefined) this.wrong.push(`${id} (${question ?? "a sleep"}) waits from ${at} until ${dueAt}, and should not`);
    else wait.id = id;
  }

  /** True where the function has something to react to. */
  wake({ id, signal, refused, at }: Woken): boolean {
    const wait = [...this.#open].find((open) => open.id === id);
    if (wait === undefined) return this.#fault(`${id} was woken, and does not wait`);
    if (signal === undefined) return this.#timeOut(wait, at);
    if (signal.name !== wait.name) return this.#fault(`${id} was given the signal ${signal.name}`);
    if (this.#taken.has(keyOfSignal(signal))) return this.#fault(`${keyOfSignal(signal)} was taken twice`);
    this.#taken.add(keyOfSignal(signal));
    const value: unknown = JSON.parse(signal.text);
    const fits = !wantsNumber(signal.name) || typeof value === "number";
    if (fits !== (refused === undefined)) return this.#fault(`${id} ${fits ? "refused" : "took"} ${signal.text}`);
    if (!fits) return false;
    this.#open.delete(wait);
    wait.resolve(typeof value === "number" ? value : undefined);
    return true;
  }

  #timeOut(wait: ReckonedWait, at: number): boolean {
    if (wait.dueAt === undefined || at < wait.dueAt) return this.#fault(`${wait.id} was over ${(wait.dueAt ?? Infinity) - at} ms early`);
    this.#open.delete(wait);
    if (wait.name === undefined) wait.resolve(undefined);
    else wait.reject(new Trouble("wait_timeout"));
    return true;
  }

  #fault(what: string): false {
    this.wrong.push(what);
    return false;
  }
}
