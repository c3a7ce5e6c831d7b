import type { Wake } from "../model/task.ts";

/** Asks for turns: at least once, in any order, perhaps late. */
export interface TurnQueue {
  /** `delayMs`: not before; default 0. */
  wake(wake: Wake, delayMs?: number): Promise<void>;
}
