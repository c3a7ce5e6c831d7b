import { SkeinError } from "../model/error.ts";
import { durationMs } from "../model/duration.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import { unknownOption } from "../define/near-name.ts";
import { isSchema, show } from "../define/definition-check.ts";
import type { Schema } from "../define/schema.ts";

/** What the pipeline function asks to wait for: a signal, if it has a name, else for a time. */
export interface WaitRequest {
  readonly name?: string;
  readonly ms?: number;
  readonly question?: string;
  readonly schema?: Schema;
}

/** A run takes 90 days at the most, and so does what it waits for. */
const longestMs = 90 * 86_400_000;
const maxQuestion = 2_000;
const optionKeys = ["schema", "timeout", "question"];

/** @throws SkeinError `bad_call` */
export function sleepRequest(duration: unknown): WaitRequest {
  return { ms: checkedMs("run.sleep", duration) };
}

/** As the function calls it, checked: its types may be none. @throws SkeinError `bad_call` */
export function signalRequest(name: unknown, options: unknown = {}): WaitRequest {
  if (typeof name !== "string" || !namePattern.test(name) || name.length > maxNameLength)
    throw badCall("run.waitFor", `${show(name)} is no name of a signal: a letter, then letters, digits or _, at most ${maxNameLength}`);
  const what = `run.waitFor("${name}")`;
  if (typeof options !== "object" || options === null) throw badCall(what, `its options are ${show(options)}; give an object`);
  for (const key of Object.keys(options)) if (!optionKeys.includes(key)) throw badCall(what, unknownOption(key, optionKeys));
  const { schema, timeout, question } = options as Readonly<Record<string, unknown>>;
  if (schema !== undefined && !isSchema(schema))
    throw badCall(what, `its schema is ${show(schema)}; give a Standard Schema, such as zod's`);
  if (question !== undefined && (typeof question !== "string" || question.length > maxQuestion))
    throw badCall(what, `its question is no text of at most ${maxQuestion} characters`);
  return {
    name,
    ...(timeout === undefined ? {} : { ms: checkedMs(what, timeout) }),
    ...(question === undefined ? {} : { question }),
    ...(schema === undefined ? {} : { schema }),
  };
}

function checkedMs(what: string, duration: unknown): number {
  const ms = typeof duration === "number" || typeof duration === "string" ? durationMs(duration) : undefined;
  if (ms === undefined || ms > longestMs)
    throw badCall(what, `${show(duration)} is no duration from 0 to 90 days: give milliseconds, or a text such as "30s" or "7d"`);
  return ms;
}

function badCall(what: string, problem: string): SkeinError {
  return new SkeinError("bad_call", `${what}: ${problem}`);
}
