import type { RunEvent } from "../../src/model/event.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { Interpreter, listOf, valueOf, type Hands, type Loadable, type Waiting, type WaitingMap, type WorkInput } from "./interpret.ts";
import type { Program, Variant } from "./program.ts";
import { ReckonedWaits, Trouble } from "./reckoned-waits.ts";

/** Lets all microtasks run: between two deliveries the function reacts to exactly one. */
const drained = () => new Promise<void>((resolve) => setImmediate(resolve));

/** How an item of a map ended, for good. */
export type ItemEnds = (map: string) => readonly (Outcome | undefined)[];

/** A step run of the reference: a plain promise, and a value that is computed, not loaded. */
export class Reckoned implements WaitingMap {
  readonly id: string;
  readonly variant: Variant;
  readonly input: WorkInput;
  readonly isMap: boolean;
  outcome: Outcome | undefined;
  observed = false;
  cancelled = false;
  /** Upstream step runs that did not complete, before this one ended. */
  readonly bad: Reckoned[];
  readonly upstream: readonly Reckoned[];
  readonly #reckon: () => unknown;
  readonly #reference: Reference;
  readonly #settlement = Promise.withResolvers<Loadable>();
  readonly #items = Promise.withResolvers<readonly Reckoned[]>();
  itemRuns: readonly Reckoned[] | undefined;

  constructor(
    reference: Reference,
    facts: {
      readonly id: string;
      readonly variant: Variant;
      readonly input: WorkInput;
      readonly isMap?: boolean;
      readonly upstream: readonly Reckoned[];
      readonly reckon: () => unknown;
    },
  ) {
    const { id, variant, input, isMap, upstream, reckon } = facts;
    this.id = id;
    this.variant = variant;
    this.input = input;
    this.upstream = upstream;
    this.isMap = isMap ?? false;
    this.#reckon = reckon;
    this.#reference = reference;
    this.#settlement.promise.catch(() => {});
    this.bad = upstream.filter(({ outcome }) => outcome !== undefined && !isGood(outcome));
  }

  get value(): unknown {
    return this.#reckon();
  }

  then<A, B>(
    onFulfilled?: ((value: Loadable) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.observed = true;
    return this.#settlement.promise.then(onFulfilled, onRejected);
  }

  cancel(): void {
    if (this.outcome === undefined) this.cancelled = true;
  }

  async items(): Promise<readonly Reckoned[]> {
    return this.#items.promise;
  }

  async settled(): Promise<{ readonly succeeded: Loadable; readonly failed: readonly { readonly index: number }[] }> {
    this.observed = true;
    await this.#settlement.promise.then(undefined, () => {});
    if (this.outcome?.status === "failed" && this.outcome.partial !== undefined) {
      await this.#reference.load(undefined);
      const ends = this.#reference.itemEnds(this.id);
      return { succeeded: this.#loadable(), failed: ends.flatMap((end, index) => (end?.status === "failed" ? [{ index }] : [])) };
    }
    return { succeeded: await this.#settlement.promise, failed: [] };
  }

  #loadable(): Loadable {
    return { load: () => this.#reference.load(this.value) };
  }

  /** The number of items is known. */
  expand(items: readonly Reckoned[]): void {
    this.itemRuns ??= items;
    this.#items.resolve(this.itemRuns);
  }

  /** Lets the function see the outcome. */
  settle(outcome: Outcome): void {
    if (isGood(outcome)) this.#settlement.resolve(this.#loadable());
    else this.#settlement.reject(new Trouble(wordFor(outcome)));
  }
}

export function isGood(outcome: Outcome): boolean {
  return outcome.status === "completed" || outcome.status === "cached";
}

function wordFor(outcome: Outcome): string {
  if (outcome.status === "skipped") return "upstream_failed";
  if (outcome.status !== "failed") return "cancelled";
  return outcome.error.message.startsWith("boom") ? "boom" : "lost";
}

/** What the function of a program came to. */
export type FunctionEnd = { readonly returned: readonly Reckoned[] } | { readonly threw: unknown } | undefined;

/**
 * Interprets a program plainly, without faults: step runs end in the order and in the way that the journal says, everything else
 * (what is called, what the values are, how it ends) is worked out anew.
 */
export class Reference {
  readonly runs = new Map<string, Reckoned>();
  readonly itemEnds: ItemEnds;
  end: FunctionEnd;
  readonly #program: Program;
  readonly #shift: number;
  readonly waits: ReckonedWaits;
  #loads: (() => void)[] = [];

  /** `shift`: of the world's lists; `begun`: when the run was created. */
  constructor(program: Program, itemEnds: ItemEnds, { shift, begun }: { readonly shift: number; readonly begun: number }) {
    this.#program = program;
    this.#shift = shift;
    this.itemEnds = itemEnds;
    this.waits = new ReckonedWaits(begun);
  }

  load(value: unknown): Promise<unknown> {
    return new Promise((resolve) => this.#loads.push(() => resolve(value)));
  }

  async follow(events: readonly RunEvent[]): Promise<void> {
    const interpreter = new Interpreter(this.#hands());
    if (this.#program.mode === "static") this.end = { returned: interpreter.compile(this.#program) as Reckoned[] };
    else {
      void interpreter.run(this.#program).then(
        (returned) => this.#over({ returned: returned as Reckoned[] }),
        (threw: unknown) => this.#over({ threw }),
      );
    }
    await this.#react();
    const last = new Map(events.flatMap((event, i) => (event.t === "outcome" ? [[event.id, i] as const] : [])));
    let isBlind = false;
    for (const [i, event] of events.entries()) {
      if (event.t === "halted" || event.t === "stopping") isBlind = true;
      if (event.t === "outcome" || event.t === "woken") this.waits.now = Math.max(this.waits.now, event.at);
      if (event.t === "waiting") this.waits.begin(event);
      if (event.t === "woken") {
        if (!isBlind && this.waits.wake(event)) await this.#react();
        continue;
      }
      const isSeen =
        event.t === "outcome"
          ? last.get(event.id) === i && this.#see(event.id, event.outcome, isBlind)
          : event.t === "launched" && this.#expand(event.id, event.items);
      if (isSeen && !isBlind) await this.#react();
    }
  }

  #over(end: FunctionEnd): void {
    this.end = end;
    this.waits.close();
  }

  #see(id: string, outcome: Outcome, isBlind: boolean): boolean {
    const run = this.runs.get(id) ?? this.#item(id);
    if (run === undefined) return false;
    run.outcome = outcome;
    if (run.isMap) this.#expand(id, 0);
    if (!isGood(outcome))
      for (const other of this.runs.values()) if (other.outcome === undefined && other.upstream.includes(run)) other.bad.push(run);
    if (isBlind || (outcome.status === "failed" && this.#program.onFailure === "fail_fast")) return false;
    run.settle(outcome);
    return true;
  }

  #item(id: string): Reckoned | undefined {
    const match = /^(.+)\[(\d+)\]$/.exec(id);
    return match?.[1] === undefined ? undefined : this.runs.get(match[1])?.itemRuns?.[Number(match[2])];
  }

  #expand(id: string, items: number | undefined): boolean {
    const map = this.runs.get(id);
    if (map?.isMap !== true || items === undefined) return false;
    map.expand(
      Array.from(
        { length: items },
        (_, i) => new Reckoned(this, { id: `${id}[${i}]`, variant: map.variant, input: map.input, upstream: [], reckon: () => undefined }),
      ),
    );
    return true;
  }

  async #react(): Promise<void> {
    await drained();
    while (this.#loads.length > 0) {
      const batch = this.#loads;
      this.#loads = [];
      for (const load of batch) {
        load();
        await drained();
      }
    }
  }

  #add(run: Reckoned): Reckoned {
    this.runs.set(run.id, run);
    return run;
  }

  #hands(): Hands {
    return {
      call: (variant, _how, input, { id, after }) => {
        const upstream = reckoned([...input.from, after]);
        return this.#add(
          new Reckoned(this, {
            id,
            variant,
            input,
            upstream,
            reckon: () => valueOf({ ...input, from: reckoned(input.from).map(({ value }) => value) }),
          }),
        );
      },
      list: (variant, input, { id }) =>
        this.#add(new Reckoned(this, { id, variant, input, upstream: [], reckon: () => listOf(input, this.#shift) })),
      map: (variant, _combine, { x, rest }, { id }) =>
        this.#add(
          new Reckoned(this, { id, variant, input: rest, isMap: true, upstream: reckoned([x]), reckon: () => this.#mapped(id, x, rest) }),
        ),
      sleep: async (at, ms) => void (await this.waits.add(at, undefined, ms)),
      waitFor: (at, name, timeoutMs) => this.waits.add(at, name, timeoutMs),
      word: (error) => (error instanceof AggregateError ? "none" : error instanceof Trouble ? error.message : "type"),
    };
  }

  /** Values of the items that went well. */
  #mapped(id: string, x: readonly number[] | Waiting, rest: WorkInput): readonly number[] {
    const values = x instanceof Reckoned ? (x.value as readonly number[]) : (x as readonly number[]);
    const ends = this.itemEnds(id);
    return values.flatMap((value, i) => (ends[i] !== undefined && isGood(ends[i]) ? [valueOf(rest, value)] : []));
  }
}

function reckoned(values: readonly unknown[]): readonly Reckoned[] {
  return values.filter((value) => value instanceof Reckoned);
}
