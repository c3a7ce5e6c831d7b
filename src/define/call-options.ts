import { SkeinError } from "../model/error.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import type { Handle } from "./future.ts";
import { unknownOption } from "./near-name.ts";
import { pointerOf } from "./pointer.ts";

export interface CallOptions {
  /** Names the step run, in place of the step's name and a number. Unique within its run. */
  id?: string | undefined;
  /** Step runs that must have ended first, beside those whose outputs are in the input. */
  after?: Handle | readonly Handle[] | undefined;
}
export interface MapOptions extends CallOptions {
  /** Items that run at once. Default: 500. */
  maxConcurrency?: number | undefined;
}

const callKeys = ["id", "after"];
const mapKeys = [...callKeys, "maxConcurrency"];

/** @throws SkeinError `bad_call` */
export function checkCallOptions(step: string, options: unknown, kind: "call" | "map"): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw badCall(step, `its options are no object; they are ${callKeys.join(", ")}`);
  const keys = kind === "map" ? mapKeys : callKeys;
  for (const key of Object.keys(options)) if (!keys.includes(key)) throw badCall(step, unknownOption(key, keys));
  if ("id" in options && options.id !== undefined) checkId(step, options.id);
  if ("maxConcurrency" in options && options.maxConcurrency !== undefined) {
    const { maxConcurrency } = options;
    if (!Number.isSafeInteger(maxConcurrency) || Number(maxConcurrency) < 1)
      throw badCall(step, `maxConcurrency is ${JSON.stringify(maxConcurrency)}; it is a whole number from 1`);
  }
}

/** @throws SkeinError `bad_call`; whether the object's content can be passed is found where it is encoded. */
export function checkCallInput(step: string, input: unknown): asserts input is object {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  if (isObject && pointerOf(input) === undefined) return;
  const given = Array.isArray(input) ? "a list" : isObject ? "a handle" : input === null ? "null" : `a ${typeof input}`;
  throw badCall(step, `its input is ${given}; a step takes one object with a field for each input`);
}

function checkId(step: string, id: unknown): void {
  if (typeof id === "string" && namePattern.test(id) && id.length <= maxNameLength) return;
  throw badCall(step, `its id is ${JSON.stringify(id)}; an id is a letter, then letters, digits or "_", at most ${maxNameLength} in all`);
}

function badCall(step: string, problem: string): SkeinError {
  return new SkeinError("bad_call", `step ${step} cannot be called like this: ${problem}`);
}
