import { readFileSync } from "node:fs";
import { SkeinError } from "../model/error.ts";

export interface ParamsOptions {
  readonly params?: string;
  readonly paramsFile?: string;
}

/** The parameters as they were given; none are `{}`. `-` as the file is the standard input. */
export function readParams({ params, paramsFile }: ParamsOptions): unknown {
  if (params !== undefined && paramsFile !== undefined)
    throw new SkeinError("bad_option", "Give either --params or --params-file, not both.");
  if (params !== undefined) return parse(params, "--params");
  return paramsFile === undefined ? {} : parse(readText(paramsFile), paramsFile === "-" ? "the standard input" : paramsFile);
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new SkeinError("bad_option", `--params-file ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SkeinError("bad_option", `The parameters in ${source} are no JSON: ${why}. Write them like '{"city": "Seattle"}'.`, {
      cause,
    });
  }
}
