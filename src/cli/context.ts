import type { Desk } from "./desk.ts";
import type { GlobalOptions } from "./place.ts";
import type { Terminal } from "./terminal.ts";

/** What every command works with. */
export interface CommandContext {
  readonly options: GlobalOptions;
  readonly desk: Desk;
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
  const { dir, url, stackOutputs } = options;
  const places = [["--dir", dir] as const, ["--url", url] as const, ["--stack-outputs", stackOutputs] as const];
  return ["skein", words, ...places.flatMap(([option, place]) => (place === undefined ? [] : [option, place]))].join(" ");
}

export function interruptedNote(context: Pick<CommandContext, "options">, run: string): string {
  return `No process works on it any more: ${nextCommand(context, `resume ${run}`)} goes on with it.`;
}
