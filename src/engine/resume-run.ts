import { SkeinError } from "../model/error.ts";
import type { RunEvent } from "../model/event.ts";
import type { RunRecord } from "../model/run.ts";
import type { Wake } from "../model/task.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { effectiveEvents } from "../orchestrate/transcript.ts";
import { appendEvents } from "../record/journal.ts";
import { openOrchestration } from "./open-orchestration.ts";
import type { Invocation, TurnPorts } from "./ports.ts";

export interface ResumeRequest {
  /** Go on although the code now decides otherwise than the journal says; default false. */
  readonly acceptCodeChange?: boolean;
}

type ResumePorts = TurnPorts & { readonly codeVersion: string };

/**
 * Prepares the resume of a run whose process has died. Where the code has changed since the start, it is replayed against the
 * journal first, purely: the same decisions go on; others are shown, and need `acceptCodeChange` (I10).
 */
export async function resumeRun(run: RunRecord, request: ResumeRequest, ports: ResumePorts, invocation: Invocation): Promise<Wake> {
  const { entries } = await ports.state.readTail(run.id, -1);
  const head = entries.at(-1);
  const wake: Wake = { v: 1, run: run.id, reason: "resume", ...(head === undefined ? {} : { dead: head.invocation }) };
  if (head === undefined || run.codeVersion === ports.codeVersion) return wake;
  const trial = await openOrchestration(run, entries, ports, undefined);
  if (trial.divergedAt === undefined) return wake;
  const { kept } = effectiveEvents(entries.flatMap((entry) => entry.events));
  const change = describeChange(kept, trial);
  if (request.acceptCodeChange !== true) throw refused(run, change, trial);
  const rebased: RunEvent = { t: "rebased", keep: trial.divergedAt, at: ports.clock.now() };
  const written = await appendEvents(
    ports.state,
    [rebased],
    {
      run: run.id,
      seq: head.seq + 1,
      turn: ports.entropy.nonce(),
      invocation: invocation.id,
      until: invocation.until,
      at: ports.clock.now(),
      // What a dead turn ran inline may have begun: only a head that waits says that nothing did.
      wait: head.wait,
      totals: head.totals,
    },
    ports.entropy,
  );
  const rebasedTo = written?.at(-1);
  if (rebasedTo === undefined)
    throw new SkeinError("run_is_live", `run ${run.id} moved on while it was being resumed: another process has it`);
  return { ...wake, dead: rebasedTo.invocation };
}

/** What going on with the new code would mean for the step runs that the journal has. */
interface Change {
  readonly reused: readonly string[];
  readonly rerun: readonly string[];
  readonly orphaned: readonly string[];
  readonly fresh: readonly string[];
}

function describeChange(kept: readonly RunEvent[], trial: Orchestration): Change {
  const at = trial.divergedAt ?? kept.length;
  const before = kept.slice(at).flatMap((event) => (event.t === "called" || event.t === "mapped" ? [event.id] : []));
  const done = new Set(
    kept.flatMap((event) =>
      event.t === "outcome" && (event.outcome.status === "completed" || event.outcome.status === "cached") ? [event.id] : [],
    ),
  );
  const again = new Set(trial.attempted === undefined ? [] : [trial.attempted.id]);
  return {
    reused: kept.slice(0, at).flatMap((event) => ((event.t === "called" || event.t === "mapped") && done.has(event.id) ? [event.id] : [])),
    rerun: before.filter((id) => again.has(id)),
    orphaned: before.filter((id) => !again.has(id)),
    fresh: [...again].filter((id) => !before.includes(id)),
  };
}

function refused(run: RunRecord, change: Change, trial: Orchestration): SkeinError {
  const list = (ids: readonly string[]) =>
    ids.length === 0 ? "none" : ids.length > 12 ? `${ids.slice(0, 12).join(", ")} and ${ids.length - 12} more` : ids.join(", ");
  return new SkeinError(
    "code_changed",
    `the code of run ${run.id} has changed since it started, and now decides otherwise: ${trial.diverged?.message ?? "it diverges"}\n` +
      `  reused: ${list(change.reused)}\n  run again: ${list(change.rerun)}\n  orphaned: ${list(change.orphaned)} (taken over where the new code calls them with the same input)\n  new: ${list(change.fresh)} (and what follows from them)\n` +
      "Resume with --accept-code-change to go on with the new code from there, or restore the old code.",
    { data: { reused: change.reused, rerun: change.rerun, orphaned: change.orphaned, new: change.fresh } },
  );
}
