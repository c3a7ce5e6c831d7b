import type { RunId } from "../model/id.ts";
import type { Wake } from "../model/task.ts";
import type { JournalCache } from "./journal-cache.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import type { WarmRuns } from "./warm-runs.ts";

/** What an environment lends to its turns. */
export interface TurnHost {
  readonly warm: WarmRuns;
  readonly journals: JournalCache;
  /** Resolves when something outside asks the live turn of this run to look: a wake that came meanwhile. */
  poked(run: RunId): Promise<void>;
  /** How long a turn lingers for outcomes before it suspends, milliseconds; default 0. */
  readonly hotWaitMs?: number;
  /** This place is no orchestrator: inline steps are left to a turn elsewhere (the baton). Default false. */
  readonly leavesInline?: boolean;
  /** The finisher of the only outstanding step may take the next turn itself. Default false. */
  readonly passesBaton?: boolean;
}

/** The invocation that a turn is taken in. */
export interface TurnPlace {
  readonly wake: Wake;
  readonly ports: TurnPorts;
  readonly invocation: Invocation;
  readonly host: TurnHost;
}
