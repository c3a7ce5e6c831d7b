import { SkeinError } from "../../model/error.ts";
import { requestStop } from "../../record/run.ts";
import type { InboxAnswer } from "../desk.ts";
import { putIntoInbox } from "./inbox.ts";

export async function stopLocally(dir: string, id: string, reason: string): Promise<InboxAnswer> {
  return putIntoInbox(dir, id, async (run, { state, turns }) => {
    if (run.ended !== undefined) throw new SkeinError("run_has_ended", `Run ${id} cannot be stopped: it has ended (${run.ended.status}).`);
    await requestStop(state, run, reason, Date.now());
    await turns.wake({ v: 1, run: run.id, reason: "stop" });
  });
}
