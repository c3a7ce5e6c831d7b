import type { Progress } from "../observe/progress.ts";

/** Shows how far a run is. */
export interface ProgressView {
  /** Milliseconds between two looks at the run, or two drawings of one look. */
  readonly everyMs: number;
  show(progress: Progress, now: number): void;
  /** A word between two looks. */
  say(text: string): void;
  close(): void;
}
