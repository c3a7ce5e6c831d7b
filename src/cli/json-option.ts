import { readFileSync } from "node:fs";
import { SkeinError } from "../model/error.ts";

/** JSON that the command line holds itself, or a file; `-` as the file is the standard input. */
export interface JsonOption {
  /** Of the option with the text itself, as `--params`; the one with the file is `--params-file`. */
  readonly name: string;
  readonly text: string | undefined;
  readonly file: string | undefined;
  /** What to tell whoever gave something else: the source is the option, the file, or the standard input. */
  readonly refusal: (source: string, why: string) => string;
}

/** Undefined where neither is given. @throws SkeinError `bad_option` */
export function readJson({ name, text, file, refusal }: JsonOption): unknown {
  if (text !== undefined && file !== undefined) throw new SkeinError("bad_option", `Give either ${name} or ${name}-file, not both.`);
  if (text !== undefined) return parse(text, (why) => refusal(name, why));
  if (file === undefined) return undefined;
  return parse(readText(file, name), (why) => refusal(file === "-" ? "the standard input" : file, why));
}

function readText(file: string, name: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new SkeinError("bad_option", `${name}-file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function parse(text: string, refusal: (why: string) => string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SkeinError("bad_option", refusal(messageOf(cause)), { cause });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
