import { formatCount } from "./amounts.ts";
import { styleStatus, type Terminal } from "./terminal.ts";
import { formatDuration } from "../model/duration.ts";
import type { StepProgress } from "../observe/progress.ts";
import { totalOf } from "../observe/status-counts.ts";

/** What happened to a step run or a map: `completed fit 1.2 s`, `failed stats 11/11 items, 1 failed 2.0 s RangeError: …`. */
export function stepLine(terminal: Terminal, step: StepProgress, now: number): string {
  const text = runningText(terminal, step, now, " ");
  const why = whyOf(step);
  return `${styleStatus(terminal, step.status, step.status.padEnd(9))} ${text}${why === "" ? "" : ` ${why}`}`;
}

/** `stats  (attempt 2)  7/11 items  1.2 s`, as far as there is something to say. */
export function runningText(terminal: Terminal, step: StepProgress, now: number, between = "  "): string {
  const span = spanOf(step, now);
  const parts = [step.id, attemptOf(step), itemsOf(terminal, step), span === "" ? "" : terminal.style("dim", span)];
  return parts.filter((part) => part !== "").join(between);
}

function attemptOf(step: StepProgress): string {
  return step.attempt > 1 ? `(attempt ${step.attempt})` : "";
}

/** `7/11 items, 1 failed`. */
function itemsOf(terminal: Terminal, { items }: StepProgress): string {
  if (items === undefined) return "";
  const failed = items.counts.failed ?? 0;
  const bad = failed === 0 ? "" : `, ${terminal.style("red", `${formatCount(failed)} failed`)}`;
  return `${formatCount(totalOf(items.counts, "ended"))}/${formatCount(items.total)} items${bad}`;
}

function spanOf(step: StepProgress, now: number): string {
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
