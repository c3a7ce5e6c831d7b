import { createLogUpdate } from "log-update";
import { formatCount } from "./amounts.ts";
import type { ProgressView } from "./progress-view.ts";
import { runningText, stepLine } from "./step-line.ts";
import { cut } from "./table.ts";
import { styleStatus, type Terminal } from "./terminal.ts";
import { waitText } from "./wait-line.ts";
import { formatDuration } from "../model/duration.ts";
import type { Progress, StepProgress } from "../observe/progress.ts";
import { totalOf } from "../observe/status-counts.ts";

/** Steps that run, and waits, are named up to this many; further ones are counted. */
const maxRunning = 10;
/** Steps that ended well are listed up to this many; further ones are counted only. */
const maxListed = 100;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** What runs now, drawn over and over at the bottom of a terminal; what has ended stays above it. */
export class LiveView implements ProgressView {
  readonly everyMs = 100;
  readonly #terminal: Terminal;
  readonly #title: string;
  readonly #since: number;
  readonly #draw = createLogUpdate(process.stdout);
  readonly #notes: string[] = [];
  #listed = 0;
  #frame = 0;

  constructor(terminal: Terminal, title: string, since: number) {
    this.#terminal = terminal;
    this.#title = title;
    this.#since = since;
  }

  show(progress: Progress, now: number): void {
    const ended = progress.changed.filter((step) => step.status !== "running" && this.#isListed(step));
    if (ended.length > 0) this.#draw.persist(ended.map((step) => this.#fit(stepLine(this.#terminal, step, now))).join("\n"));
    this.#draw(
      [...this.#runningLines(progress, now), this.#summary(progress, now), ...this.#notes].map((line) => this.#fit(line)).join("\n"),
    );
  }

  say(text: string): void {
    this.#notes.push(this.#terminal.style("yellow", text));
  }

  close(): void {
    this.#draw.clear();
    this.#draw.done();
  }

  #isListed(step: StepProgress): boolean {
    return step.kind === "map" || step.status === "failed" || this.#listed++ < maxListed;
  }

  #runningLines({ running, waits = [] }: Progress, now: number): readonly string[] {
    const spinner = this.#terminal.style("cyan", frames[this.#frame++ % frames.length] ?? "");
    const lines = [
      ...waits.map((wait) => `${spinner} waiting for ${waitText(wait, now)}`),
      ...running.map((step) => `${spinner} ${runningText(this.#terminal, step, now)}`),
    ];
    return lines.length > maxRunning ? [...lines.slice(0, maxRunning), `  and ${formatCount(lines.length - maxRunning)} more`] : lines;
  }

  #summary({ steps, status }: Progress, now: number): string {
    const failed = steps.failed === undefined ? "" : `, ${this.#terminal.style("red", `${formatCount(steps.failed)} failed`)}`;
    const done = `${formatCount(totalOf(steps, "ended"))} of ${formatCount(totalOf(steps))} steps${failed}`;
    return `${this.#title} ${styleStatus(this.#terminal, status)}  ${done}  ${this.#terminal.style("dim", formatDuration(now - this.#since))}`;
  }

  #fit(line: string): string {
    return cut(line, this.#terminal.width);
  }
}
