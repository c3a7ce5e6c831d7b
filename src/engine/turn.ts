import { formatDuration } from "../model/duration.ts";
import { SkeinError } from "../model/error.ts";
import type { JournalEntry } from "../model/entry.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import { countCrash, finishRun, moveDue } from "../record/run.ts";
import { isHeld } from "./lease.ts";
import { LiveTurn } from "./live-turn.ts";
import { openOrchestration } from "./open-orchestration.ts";
import type { KnownJournal } from "./journal-cache.ts";
import { nextLook } from "./next-look.ts";
import { clockSkewMs, defaultSweepMs, type Invocation, type TurnPorts } from "./ports.ts";
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

/**
 * A turn that an outcome has woken, and that another one overtakes, leaves the rest to that one: the outcome's row was written before this
 * turn read the journal's tail, and so before the other's entry, and after its entry the other reads the rows of all that is outstanding
 * (R4), or dies and is followed by a turn that does (R5). To try again would only get in its way, and each lost append is paid for.
 */
async function tryTurn(place: TurnPlace): Promise<TurnEnd | "lost"> {
  const { wake, ports, host } = place;
  const warm = host.warm.take(wake.run);
  // What the sweeper's turn will do with `due` depends on what stands there now.
  const run = wake.reason === "sweep" ? await ports.state.readRun(wake.run) : (warm?.run ?? (await ports.state.readRun(wake.run)));
  if (run === undefined) return "gone";
  if (run.ended !== undefined) return "ended";
  const journal = host.journals.open(run.id);
  const tail = await ports.state.readTail(run.id, journal.head?.seq ?? -1);
  journal.add(tail.entries);
  const { head } = journal;
  if (isOver(head)) return finish(run, journal, place, warm?.startedAt);
  const nonce = ports.entropy.nonce();
  if (isHeld(head, nonce, wake, ports.clock.now())) {
    await lookAgain(run, place, head === undefined ? 0 : head.until + clockSkewMs);
    return "held";
  }
  const over = await exhausted(run, journal, wake, ports);
  const goesOn = warm !== undefined && warm.seq === head?.seq && over === undefined;
  const standing = goesOn ? { ...warm, run } : await replayed(run, journal, over, ports);
  const turn = new LiveTurn(place, { ...standing, journal }, nonce);
  try {
    const end = await turn.run(tail);
    if (end === "overtaken") return wake.reason === "outcome" ? "held" : "lost";
    if (end === "ended") return await finish(run, journal, place, standing.startedAt);
    if (end === "suspended" && wake.reason === "sweep") await lookAgain(run, place, await nextLook(standing.orchestration, run, ports));
    return end;
  } finally {
    turn.dropWork();
  }
}

/** A turn of the sweeper's moves `due` to when there is something to find again; one that dies before is followed by another (R15). */
async function lookAgain(run: RunRecord, { wake, ports }: TurnPlace, at: number | undefined): Promise<void> {
  const now = ports.clock.now();
  if (wake.reason !== "sweep" || run.due === undefined || run.due > now) return;
  const soonest = now + (ports.sweepMs ?? defaultSweepMs);
  await moveDue(ports.state, run.id, run.due, at === undefined ? undefined : Math.max(at, soonest));
}

/** The run as its journal has it, from the beginning. `over`: it is broken off, and no user code runs. */
async function replayed(
  run: RunRecord,
  journal: KnownJournal,
  over: SkeinError | undefined,
  ports: TurnPorts,
): Promise<Omit<WarmRun, "seq">> {
  const entries = journal.entries ?? (await reread(run, journal, ports));
  const orchestration = await openOrchestration(run, entries, ports, over);
  if (over !== undefined) await orchestration.see([], ports.clock.now());
  return { run, orchestration, windDown: new WindDown(), startedAt: entries[0]?.at ?? ports.clock.now() };
}

/** Only as far as this turn has looked at the lease: what came since is another turn's, which may live. */
async function reread(run: RunRecord, { head }: KnownJournal, { state }: TurnPorts): Promise<readonly JournalEntry[]> {
  const { entries } = await state.readTail(run.id, -1);
  return entries.slice(0, (head?.seq ?? -1) + 1);
}

/** Crashes at one place after which a run is ended. */
export const maxCrashes = 3;

/**
 * Three crashes at one place end the run without running user code again (R5), by whatever turn comes next, and so do too many turns.
 * Each turn that takes inline work over writes an entry, so that the place is not the head.
 */
async function exhausted(run: RunRecord, { head, reached }: KnownJournal, wake: Wake, ports: TurnPorts): Promise<SkeinError | undefined> {
  if (hasExpired(run, ports))
    return new SkeinError(
      "run_expired",
      `the run has not ended within ${formatDuration(ports.maxDurationMs ?? 0)}, the longest that it may take`,
    );
  if ((head?.totals.turns ?? 0) >= run.maxTurns)
    return new SkeinError("max_turns_exceeded", `the run has taken ${run.maxTurns} turns, the most that it may (maxTurns)`);
  const known = run.crashes?.seq === reached ? run.crashes.invocations.length : 0;
  const isCrash = wake.reason === "crash" && wake.dead !== undefined;
  // Further ones are not counted: the row would grow with each.
  const crashes = isCrash && known < maxCrashes ? await countCrash(ports.state, run.id, reached, wake.dead) : known;
  if (crashes < maxCrashes) return undefined;
  return new SkeinError(
    "turn_crashed",
    `the orchestrator crashed ${crashes} times at the same place of the run (after journal entry ${reached < 0 ? "none" : reached})`,
  );
}

function hasExpired(run: RunRecord, { clock, maxDurationMs }: TurnPorts): boolean {
  return maxDurationMs !== undefined && clock.now() > run.createdAt + maxDurationMs;
}

function isOver(head: JournalEntry | undefined): boolean {
  return head?.events.some((event) => event.t === "ended") ?? false;
}

async function finish(run: RunRecord, journal: KnownJournal, { ports, host }: TurnPlace, startedAt: number | undefined): Promise<"ended"> {
  const { head, entries } = journal;
  if (head !== undefined)
    await finishRun(ports.state, run, head, startedAt ?? (entries ?? (await ports.state.readTail(run.id, -1)).entries)[0]?.at ?? head.at);
  host.journals.forget(run.id);
  await ports.logs.flush();
  return "ended";
}
