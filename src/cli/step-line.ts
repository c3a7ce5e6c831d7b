import { formatCount } from "./amounts.ts";
import { styleStatus, type Terminal } from "./terminal.ts";
import { formatDuration } from "../model/duration.ts";
import type { StepProgress } from "../observe/progress.ts";
import { totalOf } from "../observe/status-counts.ts";

/** One line about a step run or a map: `fit completed (1.2 s)`, `stats running 7/11`. */
export function stepLine(terminal: Terminal, step: StepProgress, now: number): string {
  const parts = [
    styleStatus(terminal, step.status, step.status.padEnd(9)),
    step.id,
    attemptOf(step),
    itemsOf(terminal, step),
    terminal.style("dim", spanOf(step, now)),
    whyOf(step),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function attemptOf(step: StepProgress): string {
  return step.attempt > 1 ? `(attempt ${step.attempt})` : "";
}

/** `7/11 items, 1 failed`. */
export function itemsOf(terminal: Terminal, { items }: StepProgress): string {
  if (items === undefined) return "";
  const failed = items.counts.failed ?? 0;
  const bad = failed === 0 ? "" : `, ${terminal.style("red", `${formatCount(failed)} failed`)}`;
  return `${formatCount(totalOf(items.counts, "ended"))}/${formatCount(items.total)} items${bad}`;
}

export function spanOf(step: StepProgress, now: number): string {
  if (step.startedAt === undefined) return "";
  const end = step.status === "running" || step.endedAt === undefined ? now : step.endedAt;
  return formatDuration(Math.max(0, end - step.startedAt));
}

function whyOf(step: StepProgress): string {
  if (step.error !== undefined) return `${step.error.name}: ${firstLine(step.error.message)}`;
  return step.reason ?? "";
}

export function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
