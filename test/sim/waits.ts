import type { Op, Program } from "./program.ts";
import type { Random } from "./random.ts";

/** Names of signals whose waits want a number. */
const numbered = new Set(["count", "total"]);
const names = ["count", "total", "go"] as const;

export function wantsNumber(name: string): boolean {
  return numbered.has(name);
}

/** Something that a client tells the run, when the world is this old; under an id that was told before it is nothing new. */
export interface Told {
  readonly afterMs: number;
  readonly name: string;
  readonly id: string;
  readonly value: unknown;
}

/** The same program, which now and then waits for time or for signals. Static ones stay as they are. */
export function withWaits(program: Program, random: Random): Program {
  if (program.mode === "static") return program;
  const maker = new WaitMaker(submitted(program.body), random);
  const body = maker.within(program.body);
  return { ...program, body: waitsOf(body).length > 0 ? body : [...body, maker.waitFor()] };
}

/** What may be raced with. */
function submitted(ops: readonly Op[]): readonly string[] {
  return ops.flatMap((op) => {
    if (op.op === "odd") return submitted(op.then);
    if (op.op === "chains") return op.chains.flatMap(submitted);
    return (op.op === "call" && op.how === "submit") || op.op === "map" ? [op.at] : [];
  });
}

class WaitMaker {
  readonly #handles: readonly string[];
  readonly #random: Random;
  #count = 0;

  constructor(handles: readonly string[], random: Random) {
    this.#handles = handles;
    this.#random = random;
  }

  within(ops: readonly Op[]): readonly Op[] {
    return ops.flatMap((op) => {
      if (op.op === "odd") return [...this.#some(), { ...op, then: this.within(op.then) }];
      if (op.op === "chains") return [{ ...op, chains: op.chains.map((chain) => this.within(chain)) }, ...this.#some()];
      return this.#random.chance(0.5) ? [op, ...this.#some()] : [op];
    });
  }

  #some(): readonly Op[] {
    const random = this.#random;
    return Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => (random.chance(0.4) ? this.#sleep() : this.waitFor()));
  }

  /** No two last equally long: so each is known again in the journal. */
  #sleep(): Op {
    const n = this.#count++;
    return { op: "sleep", at: `w${n}`, ms: this.#random.pick([0, 40, 2_500, 30_000, 400_000, 5_000_000]) + n, beside: this.#beside() };
  }

  waitFor(): Op {
    const random = this.#random;
    const timeoutMs = random.pick(["never", "never", 0, 1_000, 90_000, 3_000_000] as const);
    return {
      op: "waitFor",
      at: `w${this.#count++}`,
      name: random.pick(names),
      guarded: random.chance(0.85),
      leaves: random.chance(0.15),
      beside: this.#beside(),
      ...(timeoutMs === "never" ? {} : { timeoutMs }),
    };
  }

  #beside(): readonly string[] {
    return this.#handles.length > 0 && this.#random.chance(0.3) ? [this.#random.pick(this.#handles)] : [];
  }
}

function waitsOf(ops: readonly Op[]): readonly string[] {
  return ops.flatMap((op) => {
    if (op.op === "odd") return waitsOf(op.then);
    if (op.op === "chains") return op.chains.flatMap(waitsOf);
    return op.op === "waitFor" ? [op.name] : [];
  });
}

/** A signal for each wait of the program, so that it comes to an end; before some of them one that its wait refuses; some told twice. */
export function signalsFor(program: Program, random: Random): readonly Told[] {
  const when = () => random.pick([0, 0, random.whole(1, 3_000), random.whole(1, 100_000), random.whole(1, 4_000_000)]);
  return waitsOf(program.body).flatMap((name, i) => {
    const good = { afterMs: when(), name, id: `good${i}`, value: wantsNumber(name) ? i : { told: name } };
    const bad = wantsNumber(name) && random.chance(0.25) ? [{ afterMs: when(), name, id: `bad${i}`, value: `no ${i}` }] : [];
    return [good, ...bad].flatMap((told) => (random.chance(0.3) ? [told, { ...told, afterMs: when() }] : [told]));
  });
}
