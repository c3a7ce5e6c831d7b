import type { Ports } from "./ports.ts";

/**
 * What the sweeper does each minute: wakes every run that is due, so that whatever got lost on its way is found by the turn that
 * follows. That turn moves `due` on (R15).
 */
export async function sweep({ state, turns, clock }: Pick<Ports, "state" | "turns" | "clock">): Promise<void> {
  const now = clock.now();
  for (let cursor: string | undefined; ;) {
    const page = await state.dueRuns(now, cursor);
    for (const { run } of page.items) await turns.wake({ v: 1, run, reason: "sweep" });
    if (page.cursor === undefined) return;
    cursor = page.cursor;
  }
}
