import { inspect } from "node:util";
import { SkeinError } from "../model/error.ts";
import type { Backing } from "./backing.ts";
import { outputNames } from "./definition.ts";
import { pointerKey, type Pointer, type Pointing } from "./pointer.ts";

/** What every handle is: something that stands for an output and is no value itself. */
export abstract class Handle implements Pointing {
  abstract readonly [pointerKey]: Pointer;
  /** `Artifact(fit.model)`, for logs and messages. */
  protected abstract describe(): string;

  toJSON(): never {
    throw this.#noValue("JSON");
  }

  [Symbol.toPrimitive](hint: string): never {
    throw this.#noValue(hint === "string" ? "text" : "a number or text");
  }

  [inspect.custom](): string {
    return this.describe();
  }

  #noValue(what: string): SkeinError {
    return new SkeinError("handle_is_no_value", `${this.describe()} stands for a value and cannot become ${what} itself: use await and .load() to get the value`);
  }
}

export function pointerTo(backing: Backing, output: string | undefined, item?: number): Pointer {
  const pointer = { owner: backing.owner, from: backing.id, output, names: outputNames(backing.outputs) };
  return item === undefined ? pointer : { ...pointer, item };
}

/** The same object for the same key, within one step run's handles. */
export function memoized<T extends object>(backing: Backing, key: string, Class: abstract new (...args: never) => T, make: () => T): T {
  const known = backing.memo.get(key);
  if (known instanceof Class) return known;
  const made = make();
  backing.memo.set(key, made);
  return made;
}

export function nameOf(backing: Backing, output: string | undefined, item: number | undefined): string {
  return `${backing.id}${output === undefined || output === "output" ? "" : `.${output}`}${item === undefined ? "" : `[${item}]`}`;
}
