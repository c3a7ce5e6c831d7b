import { SkeinError } from "../model/error.ts";
import { durationMs, type Duration } from "../model/duration.ts";
import { maxNameLength, namePattern } from "../model/id.ts";
import type { Schema } from "../define/schema.ts";

/** What the pipeline function asks to wait for: a signal, if it has a name, else for a time. */
export interface WaitRequest {
  readonly name?: string;
  readonly ms?: number;
  readonly question?: string;
  readonly schema?: Schema;
}

export interface WaitOptions {
  readonly schema?: Schema | undefined;
  readonly timeout?: Duration | undefined;
  readonly question?: string | undefined;
}

/** A run takes 90 days at the most, and so does what it waits for. */
const longestMs = 90 * 86_400_000;
const maxQuestion = 2_000;

/** @throws SkeinError `bad_call` */
export function sleepRequest(duration: Duration): WaitRequest {
  return { ms: checkedMs("run.sleep", duration) };
}

/** @throws SkeinError `bad_call` */
export function signalRequest(name: string, { schema, timeout, question }: WaitOptions = {}): WaitRequest {
  if (typeof name !== "string" || !namePattern.test(name) || name.length > maxNameLength)
    throw new SkeinError("bad_call", `run.waitFor: "${String(name)}" is no name of a signal: a letter, then letters, digits or _, at most ${maxNameLength}`);
  if (question !== undefined && (typeof question !== "string" || question.length > maxQuestion))
    throw new SkeinError("bad_call", `run.waitFor("${name}"): the question is a text of at most ${maxQuestion} characters`);
  return {
    name,
    ...(timeout === undefined ? {} : { ms: checkedMs(`run.waitFor("${name}")`, timeout) }),
    ...(question === undefined ? {} : { question }),
    ...(schema === undefined ? {} : { schema }),
  };
}

function checkedMs(what: string, duration: Duration): number {
  const ms = durationMs(duration);
  if (ms === undefined || ms > longestMs)
    throw new SkeinError("bad_call", `${what}: "${String(duration)}" is no duration from 0 to 90 days: give milliseconds, or a text such as "30s" or "7d"`);
  return ms;
}
