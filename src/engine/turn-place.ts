import type { RunId } from "../model/id.ts";
import type { Wake } from "../model/task.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import type { WarmRuns } from "./warm-runs.ts";

/** What an environment lends to its turns. */
export interface TurnHost {
  readonly warm: WarmRuns;
  /** Resolves when something outside asks the live turn of this run to look: a wake that came meanwhile. */
  poked(run: RunId): Promise<void>;
}

/** The invocation that a turn is taken in. */
export interface TurnPlace {
  readonly wake: Wake;
  readonly ports: TurnPorts;
  readonly invocation: Invocation;
  readonly host: TurnHost;
}
