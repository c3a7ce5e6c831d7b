import type { Environment } from "./env.ts";
import type { GlobalOptions } from "./place.ts";
import type { Terminal } from "./terminal.ts";

/** What every command works with. */
export interface CommandContext {
  readonly options: GlobalOptions;
  readonly environment: Environment;
  readonly terminal: Terminal;
  /** With `--json` the standard output holds resources only. */
  readonly isJson: boolean;
}

/** A resource as one line of JSON. */
export function printJson({ terminal }: Pick<CommandContext, "terminal">, resource: unknown): void {
  terminal.line(JSON.stringify(resource));
}

/** A command to type next, with the options that lead to the same place. */
export function nextCommand({ options }: Pick<CommandContext, "options">, words: string): string {
  return `skein ${words}${options.dir === undefined ? "" : ` --dir ${options.dir}`}`;
}
