import type { TurnQueue } from "../ports/turn-queue.ts";
import type { ApiPorts } from "./api-ports.ts";

/**
 * For wakes that follow a write which the sweeper will find: one that fails is reported only, since what was asked for will
 * happen all the same, and an error would say that it will not.
 */
export function sweptTurns({ turns, report, entropy }: Pick<ApiPorts, "turns" | "report" | "entropy">): TurnQueue {
  return {
    async wake(wake, delayMs) {
      try {
        await turns.wake(wake, delayMs);
      } catch (error) {
        report(error, entropy.nonce());
      }
    },
  };
}
