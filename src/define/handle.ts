import { inspect } from "node:util";
import { SkeinError } from "../model/error.ts";
import type { Backing } from "./backing.ts";
import { outputNames } from "./definition.ts";
import type { pointerKey, Pointer, Pointing } from "./pointer.ts";

/** What every handle is: something that stands for an output and is no value itself. */
export abstract class Handle implements Pointing {
  abstract readonly [pointerKey]: Pointer;
  /** `Artifact(fit.model)`, for logs and messages. */
  protected abstract describe(): string;

  /** An own property, and a function: a spread copy shows itself by it, and `structuredClone` refuses. */
  readonly toJSON = refuseJson;

  [Symbol.toPrimitive](hint: string): never {
    throw this.noValue(hint === "string" ? "text" : "a number or text");
  }

  [inspect.custom](): string {
    return this.describe();
  }

  /** The error of taking it for a value. */
  noValue(what: string): SkeinError {
    return new SkeinError(
      "handle_is_no_value",
      `${this.describe()} stands for a value and cannot become ${what} itself: use await and .load() to get the value`,
    );
  }
}

function refuseJson(this: Handle): never {
  throw this.noValue("JSON");
}

/** Has the `toJSON` of a handle: as a plain object, a copy of one. */
export function isHandleJson(record: object): boolean {
  return "toJSON" in record && record.toJSON === refuseJson;
}

export function pointerTo(backing: Backing, output: string | undefined, item?: number): Pointer {
  const pointer = { owner: backing.owner, from: backing.id, output, names: outputNames(backing.outputs) };
  return item === undefined ? pointer : { ...pointer, item };
}

/** The same object for the same key, within one step run's handles. */
export function memoized<T extends object>(backing: Backing, key: string, Class: abstract new (...args: never) => T, make: () => T): T {
  const known = backing.recall(key);
  if (known instanceof Class) return known;
  const made = make();
  backing.keep(key, made);
  return made;
}

export function nameOf(backing: Backing, output: string | undefined, item: number | undefined): string {
  return `${backing.id}${output === undefined || output === "output" ? "" : `.${output}`}${item === undefined ? "" : `[${item}]`}`;
}
