import type { JournalEntry } from "../model/entry.ts";
import type { OutcomeSeen } from "../model/event.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import { isOnce, type Before, type Beginning } from "./inline-beginning.ts";
import { interrupted } from "./interruption.ts";
import { neverStarted } from "./wind-down.ts";

/**
 * Inline attempts that earlier turns left, with those outcomes that are known without running anything. Where the head says that
 * nothing runs, they were handed over and never begun; else their turn is dead, and may have begun any of them.
 */
export function leftInline(
  orchestration: Orchestration,
  head: JournalEntry | undefined,
  now: number,
): { readonly given: readonly OutcomeSeen[]; readonly again: ReadonlyMap<Node, Beginning> } {
  const given: OutcomeSeen[] = [];
  const again = new Map<Node, Beginning>();
  const before = head?.wait === true ? "handed over" : "perhaps begun";
  for (const node of orchestration.graph.launched) {
    if (node.called.runtime !== "inline" || node.dueAt !== undefined) continue;
    const over = node.cancelReason ?? orchestration.closed;
    if (node instanceof MapNode) again.set(node, { before, ...(over !== undefined && isCut(node, orchestration, before) ? { over } : {}) });
    else if (over !== undefined) given.push(before === "handed over" ? neverStarted(node, over, now) : interruption(node, over, now));
    else if (before === "perhaps begun" && isOnce(node)) given.push(interruption(node, "it may run at most once", now));
    else again.set(node, { before });
  }
  return { given, again };
}

/** Maps are finished where nothing else starts any more, but for those that are given up, and those of a run that is broken off. */
function isCut(map: MapNode, { mustAbort, halted }: Orchestration, before: Before): boolean {
  return map.cancelReason !== undefined || mustAbort || halted !== undefined || before === "perhaps begun";
}

function interruption(node: Node, why: string, at: number): OutcomeSeen {
  return { t: "outcome", id: node.id, attempt: node.attempt, outcome: interrupted(node.id, why), at };
}
