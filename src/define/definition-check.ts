import { SkeinError } from "../model/error.ts";
import { durationMs } from "../model/duration.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import { unknownOption } from "./near-name.ts";
import type { Schema } from "./schema.ts";

/** Checks one definition; every complaint is `bad_definition` and says which definition, where, and what to write instead. */
export class DefinitionCheck {
  readonly #what: string;
  readonly #at: string;

  constructor(what: string, at: string) {
    this.#what = what;
    this.#at = at;
  }

  bad(problem: string): SkeinError {
    return new SkeinError("bad_definition", `${this.#what} (${this.#at}): ${problem}`);
  }

  object(value: unknown, what: string): asserts value is object {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.bad(`${what} is ${show(value)}; give an object`);
  }

  onlyKeys(value: object, keys: readonly string[]): void {
    for (const key of Object.keys(value)) if (!keys.includes(key)) throw this.bad(unknownOption(key, keys));
  }

  name(value: unknown, what: string): string {
    if (typeof value !== "string") throw this.bad(`${what} is ${show(value)}; give a string`);
    if (namePattern.test(value) && value.length <= maxNameLength) return value;
    throw this.bad(
      `${what} is ${show(value)}; a name becomes a key and a path: a letter, then letters, digits or "_", at most ${maxNameLength} in all`,
    );
  }

  text(value: unknown, what: string): string {
    if (typeof value !== "string" || value === "") throw this.bad(`${what} is ${show(value)}; give a string that is not empty`);
    return value;
  }

  texts(value: unknown, what: string): readonly string[] {
    if (!Array.isArray(value)) throw this.bad(`${what} is ${show(value)}; give a list of strings`);
    return Object.freeze(value.map((text: unknown, i) => this.text(text, `${what}[${i}]`)));
  }

  choice<const T extends string>(value: unknown, what: string, choices: readonly T[]): T {
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw this.bad(`${what} is ${show(value)}; it is one of ${choices.map((one) => `"${one}"`).join(", ")}`);
    return choice;
  }

  whole(value: unknown, what: string, least: number): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    throw this.bad(`${what} is ${show(value)}; it is a whole number from ${least}`);
  }

  number(value: unknown, what: string, least: { readonly above: number } | { readonly from: number }): number {
    const fits = typeof value === "number" && Number.isFinite(value) && ("from" in least ? value >= least.from : value > least.above);
    if (!fits)
      throw this.bad(`${what} is ${show(value)}; it is a number ${"from" in least ? `from ${least.from}` : `above ${least.above}`}`);
    return value;
  }

  /** Milliseconds. */
  duration(value: unknown, what: string, least: "zero" | "more"): number {
    const ms = typeof value === "number" || typeof value === "string" ? durationMs(value) : undefined;
    if (ms === undefined)
      throw this.bad(
        `${what} is ${show(value)}; a duration is a number of milliseconds or a text such as "250ms", "2s", "5m", "1.5h", "7d"`,
      );
    if (ms === 0 && least === "more") throw this.bad(`${what} is ${show(value)}; it is a time longer than that`);
    return ms;
  }

  schema(value: unknown, what: string): Schema {
    if (isSchema(value)) return value;
    throw this.bad(`${what} is ${show(value)}; give a Standard Schema, such as zod, valibot and arktype make`);
  }

  fn(value: unknown, what: string): void {
    if (typeof value !== "function" || isClass(value))
      throw this.bad(`${what} is ${typeof value === "function" ? "a class" : show(value)}; give a function`);
  }
}

export function isSchema(value: unknown): value is Schema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || !("~standard" in value)) return false;
  const standard = value["~standard"];
  return (
    typeof standard === "object" &&
    standard !== null &&
    "version" in standard &&
    standard.version === 1 &&
    "validate" in standard &&
    typeof standard.validate === "function"
  );
}

function isClass(fn: object): boolean {
  return Function.prototype.toString.call(fn).startsWith("class");
}

/** A value for a message that says what was given. */
export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
