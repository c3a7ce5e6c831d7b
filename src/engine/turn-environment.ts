import { JournalCache } from "./journal-cache.ts";
import type { TurnHost } from "./turn-place.ts";
import { WarmRuns } from "./warm-runs.ts";

export interface TurnEnvironmentOptions {
  readonly hotWaitMs?: number;
  readonly leavesInline?: boolean;
  readonly passesBaton?: boolean;
}

/** An environment that takes one turn at a time and may be frozen between two: what it keeps is only there to save work. */
export class TurnEnvironment implements TurnHost {
  readonly warm = new WarmRuns();
  readonly journals = new JournalCache();
  readonly hotWaitMs: number;
  readonly leavesInline: boolean;
  readonly passesBaton: boolean;

  constructor({ hotWaitMs = 0, leavesInline = false, passesBaton = false }: TurnEnvironmentOptions = {}) {
    this.hotWaitMs = hotWaitMs;
    this.leavesInline = leavesInline;
    this.passesBaton = passesBaton;
  }

  /** Nobody can reach a live turn from outside. */
  poked(): Promise<void> {
    return new Promise(() => {});
  }
}
