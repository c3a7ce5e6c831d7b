import { formatDuration } from "../model/duration.ts";
import type { WaitResource } from "../observe/resources.ts";
import { firstLine } from "./step-line.ts";
import type { Terminal } from "./terminal.ts";

/** `waiting   approval: Pay how much? (2 h left)`, in line with those of steps. */
export function waitLine(terminal: Terminal, wait: WaitResource, now: number): string {
  return `${terminal.style("cyan", "waiting".padEnd(9))} ${waitText(wait, now)}`;
}

/** `approval: Pay how much? (2 h left)`, or `sleep (30 s left)`. */
export function waitText({ id, name, question, until }: WaitResource, now: number): string {
  const asked = question === undefined ? "" : `: ${firstLine(question)}`;
  const left = until === undefined ? "" : ` (${formatDuration(Math.max(0, Date.parse(until) - now))} left)`;
  return `${name ?? id}${asked}${left}`;
}
