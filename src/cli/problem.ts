import { failureOf, SkeinError } from "../model/error.ts";
import { errorResource } from "../observe/error-resource.ts";
import type { Terminal } from "./terminal.ts";

/** Says what went wrong: as `{ "error": … }` on the standard output with `--json`, else for people on the standard error. */
export function reportProblem(error: unknown, terminal: Terminal, isJson: boolean): void {
  if (isJson) {
    const { stack, ...resource } = errorResource(failureOf(error));
    terminal.line(JSON.stringify({ error: error instanceof SkeinError || stack === undefined ? resource : { ...resource, stack } }));
  } else terminal.note(`${terminal.style("red", "error")}${codeOf(error)}: ${textOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof SkeinError ? ` ${error.code}` : "";
}

/** Of an error that is not one of ours the stack helps whoever mends it. */
function textOf(error: unknown): string {
  if (error instanceof SkeinError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : failureOf(error).message;
}
