import type { RunId } from "../model/id.ts";
import type { Ports } from "./ports.ts";

/**
 * What the sweeper does each minute: wakes every run that is due, so that whatever got lost on its way is found by the turn that
 * follows. That turn moves `due` on (R15). `onFailure`: a run that cannot be woken keeps nobody else from it.
 */
export async function sweep(
  { state, turns, clock }: Pick<Ports, "state" | "turns" | "clock">,
  onFailure: (run: RunId, error: unknown) => void,
): Promise<void> {
  const now = clock.now();
  for (let cursor: string | undefined; ;) {
    const page = await state.dueRuns(now, cursor);
    await Promise.all(
      page.items.map(({ run }) => turns.wake({ v: 1, run, reason: "sweep" }).catch((error: unknown) => onFailure(run, error))),
    );
    if (page.cursor === undefined) return;
    cursor = page.cursor;
  }
}
