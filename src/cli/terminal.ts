import { styleText } from "node:util";
import type { StepRunStatus, RunStatus } from "../observe/resources.ts";

export type Style = Exclude<Parameters<typeof styleText>[0], readonly unknown[]>;

/** Where output goes, and what may be done with it there. */
export interface Terminal {
  /** Writes a line (or several) to the standard output. */
  readonly line: (text?: string) => void;
  /** Writes a line to the standard error. */
  readonly note: (text: string) => void;
  /** Somebody watches: lines may be drawn over. */
  readonly isLive: boolean;
  /** Columns; undefined where output goes to a file or a pipe, and nothing is cut. */
  readonly width: number | undefined;
  readonly style: (style: Style, text: string) => string;
}

export function openTerminal({ color, isCi }: { readonly color: boolean; readonly isCi: boolean }): Terminal {
  const { stdout, stderr } = process;
  return {
    line: (text = "") => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    isLive: stdout.isTTY && !isCi,
    width: stdout.isTTY ? stdout.columns : undefined,
    style: (style, text) => (color ? styleText(style, text, { stream: stdout }) : text),
  };
}

const colors: Readonly<Record<StepRunStatus | RunStatus, Style>> = {
  pending: "dim",
  running: "cyan",
  stopping: "yellow",
  completed: "green",
  cached: "green",
  failed: "red",
  skipped: "yellow",
  cancelled: "yellow",
  stopped: "yellow",
};

export function styleStatus(terminal: Terminal, status: StepRunStatus | RunStatus, text: string = status): string {
  return terminal.style(colors[status], text);
}
