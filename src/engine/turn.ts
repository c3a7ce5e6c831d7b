import { SkeinError } from "../model/error.ts";
import type { JournalEntry } from "../model/entry.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import { countCrash, finishRun, moveDue } from "../record/run.ts";
import { isHeld } from "./lease.ts";
import { LiveTurn } from "./live-turn.ts";
import { openOrchestration } from "./open-orchestration.ts";
import type { Invocation, TurnPorts } from "./ports.ts";
import type { TurnHost, TurnPlace } from "./turn-place.ts";
import type { WarmRun } from "./warm-runs.ts";
import { WindDown } from "./wind-down.ts";

/** How a turn ended. `held`: another turn lives and will look. `gone`: there is no such run. */
export type TurnEnd = "ended" | "suspended" | "held" | "gone";

/** Advances a run as far as it goes without waiting for isolated work: one invocation of the orchestrator. */
export async function takeTurn(wake: Wake, ports: TurnPorts, invocation: Invocation, host: TurnHost): Promise<TurnEnd> {
  for (;;) {
    const end = await tryTurn({ wake, ports, invocation, host });
    // Another turn wrote the entry first: everything in memory is dropped, the journal is the truth (I1).
    if (end !== "lost") return end;
  }
}

async function tryTurn(place: TurnPlace): Promise<TurnEnd | "lost"> {
  const { wake, ports, host } = place;
  const warm = host.warm.take(wake.run);
  const known = warm?.run ?? (await ports.state.readRun(wake.run));
  if (known === undefined) return "gone";
  const run = wake.reason === "sweep" ? await movedOn(known, ports) : known;
  if (run.ended !== undefined) return "ended";
  const tail = await ports.state.readTail(run.id, warm?.head.seq ?? -1);
  const head = tail.entries.at(-1) ?? warm?.head;
  if (isOver(head)) return finish(run, head, ports, warm?.startedAt);
  const nonce = ports.entropy.nonce();
  if (isHeld(head, nonce, wake, ports.clock.now())) return "held";
  const open = warm !== undefined && tail.entries.length === 0 ? { ...warm, run } : await replayed(run, head, place);
  const turn = new LiveTurn(place, { ...open, head }, nonce);
  try {
    const end = await turn.run(tail.stop);
    return end === "ended" ? await finish(run, turn.head, ports, open.startedAt) : end;
  } finally {
    turn.dropWork();
  }
}

/** A turn of the sweeper's moves `due` on, so that it is looked at again while anything is in flight (R15). */
async function movedOn(known: RunRecord, { state, clock }: TurnPorts): Promise<RunRecord> {
  const now = clock.now();
  if (known.ended !== undefined || known.due === undefined || known.due > now) return known;
  const run = (await state.readRun(known.id)) ?? known;
  if (run.ended !== undefined || run.due === undefined || run.due > now) return run;
  const due = now + sweepMs;
  return (await moveDue(state, run.id, run.due, due)) === "set" ? { ...run, due } : run;
}

/** The run as its journal has it, from the beginning. */
async function replayed(run: RunRecord, head: JournalEntry | undefined, { wake, ports }: TurnPlace): Promise<Omit<WarmRun, "head">> {
  const { entries } = await ports.state.readTail(run.id, -1);
  const orchestration = await openOrchestration(run, entries, ports, await exhausted(run, head, wake, ports));
  return { run, orchestration, windDown: new WindDown(), startedAt: entries[0]?.at ?? ports.clock.now() };
}

/** A run with something in flight is looked at so often. */
const sweepMs = 60_000;
const maxCrashes = 3;

/** Three crashes at one head end the run without running user code again (R5), and so do too many turns. */
async function exhausted(
  run: RunRecord,
  head: JournalEntry | undefined,
  wake: Wake,
  { state }: TurnPorts,
): Promise<SkeinError | undefined> {
  if ((head?.totals.turns ?? 0) >= run.maxTurns)
    return new SkeinError("max_turns_exceeded", `the run has taken ${run.maxTurns} turns, the most that it may (maxTurns)`);
  if (wake.reason !== "crash") return undefined;
  const crashes = await countCrash(state, run.id, head?.seq ?? -1);
  if (crashes < maxCrashes) return undefined;
  return new SkeinError(
    "turn_crashed",
    `the orchestrator crashed ${crashes} times at the same place of the run (after journal entry ${head?.seq ?? "none"})`,
  );
}

function isOver(head: JournalEntry | undefined): head is JournalEntry {
  return head?.events.some((event) => event.t === "ended") ?? false;
}

async function finish(run: RunRecord, head: JournalEntry | undefined, ports: TurnPorts, startedAt: number | undefined): Promise<"ended"> {
  if (head !== undefined)
    await finishRun(ports.state, run, head, startedAt ?? (await ports.state.readTail(run.id, -1)).entries[0]?.at ?? head.at);
  await ports.logs.flush();
  return "ended";
}
