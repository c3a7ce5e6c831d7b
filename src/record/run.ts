import type { JournalEntry } from "../model/entry.ts";
import type { RunId } from "../model/id.ts";
import type { RunEnd, RunRecord } from "../model/run.ts";
import type { Signal } from "../model/signal.ts";
import type { StateStore } from "../ports/state-store.ts";

export function createRun(state: StateStore, run: RunRecord): ReturnType<StateStore["createRun"]> {
  return state.createRun(run);
}

/** Copies what the journal's end entry says to the RUN item, for those who list runs. */
export async function finishRun(state: StateStore, run: RunRecord, head: JournalEntry, startedAt: number): Promise<RunEnd | undefined> {
  const ended = head.events.findLast((event) => event.t === "ended");
  if (ended === undefined) return undefined;
  const { status, at, error, outputs } = ended;
  const end: RunEnd = {
    status,
    at,
    ...(error === undefined ? {} : { error }),
    outputs,
    totals: head.totals,
    entries: head.seq + 1,
    startedAt,
  };
  await state.finishRun(run.id, end);
  return end;
}

export async function requestStop(state: StateStore, run: RunRecord, reason: string, at: number): Promise<void> {
  await state.requestStop(run.id, { reason, at });
  await lookSoon(state, run, at);
}

export async function sendSignal(state: StateStore, run: RunRecord, signal: Signal): Promise<void> {
  await state.sendSignal(run.id, signal);
  await lookSoon(state, run, signal.at);
}

/** Should the wake be lost, the sweeper looks this much later. */
const looksAfterMs = 60_000;

/** A sweep that has moved `due` meanwhile may not have seen what was written: it must not have the last word. */
async function lookSoon(state: StateStore, run: RunRecord, now: number): Promise<void> {
  let there: RunRecord | undefined = run;
  while (there !== undefined && there.ended === undefined) {
    if ((await state.setDue(run.id, there.due, now + looksAfterMs)) === "set") return;
    there = await state.readRun(run.id);
  }
}

export function countCrash(state: StateStore, run: RunId, seq: number, invocation: string): Promise<number> {
  return state.countCrash(run, seq, invocation);
}

export function moveDue(state: StateStore, run: RunId, expected: number | undefined, due: number | undefined): Promise<"set" | "lost"> {
  return state.setDue(run, expected, due);
}
