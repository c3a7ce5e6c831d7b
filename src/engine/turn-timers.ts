import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import type { Graph } from "../orchestrate/graph.ts";
import { clockSkewMs, type TurnPorts } from "./ports.ts";

/** The alarm clock of a run: a wake for each delayed attempt, and for each wait that has an end. */
export class TurnTimers {
  readonly #run: RunRecord;
  readonly #ports: Pick<TurnPorts, "clock" | "turns">;

  constructor(run: RunRecord, ports: Pick<TurnPorts, "clock" | "turns">) {
    this.#run = run;
    this.#ports = ports;
  }

  async set(times: Iterable<number>): Promise<void> {
    const now = this.#ports.clock.now();
    for (const dueAt of new Set(times))
      await this.#ports.turns.wake({ v: 1, run: this.#run.id, reason: "timer", dueAt }, Math.max(0, dueAt - now));
  }

  /** Sets those timers again that may have come to nobody before this wake. One that came in time sets no other: they would pile up. */
  async setLost({ launched, waits }: Graph, { reason, dueAt }: Wake): Promise<void> {
    const now = this.#ports.clock.now();
    const horizon = reason === "timer" && dueAt !== undefined ? dueAt : now + (horizons[reason] ?? 0);
    const open = [...waits.dueTimes, ...[...launched].flatMap((node) => node.dueAt ?? [])];
    await this.set(open.filter((due) => due > now && due <= horizon));
  }
}

/**
 * How far from now those timers are due that may be lost, by what a turn is for. A live turn turns away whatever comes, also what
 * comes early by another clock; a dead one may have set none of its own, or take them with it.
 */
const horizons: Readonly<Partial<Record<Wake["reason"], number>>> = {
  timer: clockSkewMs,
  continue: clockSkewMs,
  crash: Infinity,
  resume: Infinity,
};
