import type { ArtifactStore } from "../ports/artifact-store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { LogReader } from "../ports/log-sink.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { StepOperator } from "../ports/step-operator.ts";
import type { TurnQueue } from "../ports/turn-queue.ts";

/** The world as the API needs it. */
export interface ApiPorts {
  readonly state: StateStore;
  readonly artifacts: LinkedArtifacts;
  readonly logs: LogReader;
  readonly turns: TurnQueue;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly operator: Pick<StepOperator, "refuses">;
  /** Of the code that new runs are pinned to. */
  readonly codeVersion: string;
  /** The sweeper looks at a run this long after its start, milliseconds; default 60,000. */
  readonly sweepMs?: number;
  /** Told of errors that no answer explains, with the id that the answer names. */
  readonly report: (error: unknown, id: string) => void;
}

/** A store whose objects can be fetched through a link that needs no credentials. */
export interface LinkedArtifacts extends ArtifactStore {
  /** A URL that gives the bytes for so many seconds. */
  presign?(key: string, seconds: number): Promise<string>;
}
