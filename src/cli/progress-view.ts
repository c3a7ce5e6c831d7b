import type { Progress } from "../observe/progress.ts";

/** Shows how far a run is. */
export interface ProgressView {
  /** Milliseconds between two looks at the run. */
  readonly everyMs: number;
  show(progress: Progress, now: number): void;
  /** A word between two looks. */
  say(text: string): void;
  close(): void;
}

/** For those who want the end only. */
export const noView: ProgressView = { everyMs: 250, show: () => {}, say: () => {}, close: () => {} };
