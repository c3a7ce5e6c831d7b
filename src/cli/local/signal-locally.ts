import { SystemClock } from "../../adapters/local/system-clock.ts";
import { CryptoEntropy } from "../../adapters/local/system-entropy.ts";
import { signalRun, type SignalRequest } from "../../engine/send-signal.ts";
import type { InboxAnswer } from "../desk.ts";
import { putIntoInbox } from "./inbox.ts";

export async function signalLocally(dir: string, id: string, request: SignalRequest): Promise<InboxAnswer> {
  const world = { clock: new SystemClock(), entropy: new CryptoEntropy() };
  return putIntoInbox(dir, id, async (run, ports) => signalRun(run, request, { ...world, ...ports }));
}
