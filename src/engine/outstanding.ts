import type { AttemptKey, AttemptRow } from "../model/attempt.ts";
import type { OutcomeSeen } from "../model/event.ts";
import type { StepRunId } from "../model/id.ts";
import type { Outcome } from "../model/outcome.ts";
import type { RunRecord } from "../model/run.ts";
import type { Orchestration } from "../orchestrate/orchestration.ts";
import type { MapNode, Node } from "../orchestrate/node.ts";
import type { Ports } from "./ports.ts";
import { itemStates } from "./map-items.ts";
import { keyOf, shapeOf } from "./node-task.ts";

/** A launched isolated step run (or map) and its row. */
export interface OutstandingRow {
  readonly node: Node;
  readonly key: AttemptKey;
  readonly row: AttemptRow | undefined;
}

/** Isolated step runs that are launched and whose outcome the run has not seen. */
export function isolatedNodes(orchestration: Orchestration): readonly Node[] {
  return [...orchestration.graph.launched].filter((node) => node.called.runtime === "isolated");
}

export async function readRows(
  nodes: readonly Node[],
  run: RunRecord,
  { state }: Pick<Ports, "state">,
): Promise<readonly OutstandingRow[]> {
  if (nodes.length === 0) return [];
  const keys = nodes.map((node) => keyOf(node, run));
  const rows = await state.readAttempts(keys);
  return nodes.map((node, i) => ({ node, key: keyOf(node, run), row: rows[i] }));
}

/**
 * Outcomes that wait in the rows of what is outstanding, in the order in which they ended; `except` were launched by the newest
 * entry, and their finishers wake the run (R4).
 */
export async function readOutcomes(
  orchestration: Orchestration,
  run: RunRecord,
  ports: Ports,
  except: ReadonlySet<StepRunId>,
): Promise<readonly OutcomeSeen[]> {
  const nodes = isolatedNodes(orchestration).filter((node) => !except.has(node.id));
  const [rows, items] = await Promise.all([readRows(nodes, run, ports), readWatched(orchestration, run, ports)]);
  return [...seenIn(rows, ports.clock.now()), ...items];
}

function seenIn(rows: readonly OutstandingRow[], now: number): readonly OutcomeSeen[] {
  const ended = rows.flatMap(({ node, key, row }) => (row?.status === "ended" ? [{ node, key, row }] : []));
  ended.sort((a, b) => a.row.endedAt - b.row.endedAt);
  return ended.map(({ node, key, row }) => ({
    t: "outcome",
    id: node.id,
    attempt: key.attempt,
    outcome: row.outcome,
    at: now,
    ...(row.counts === undefined ? {} : { counts: row.counts }),
  }));
}

/** Items that the pipeline function looks at one by one (R10). */
async function readWatched(orchestration: Orchestration, run: RunRecord, { state, clock }: Ports): Promise<readonly OutcomeSeen[]> {
  const maps = new Map<MapNode, Node[]>();
  for (const { map, item } of orchestration.graph.outstandingItems()) {
    const others = maps.get(map);
    if (others === undefined) maps.set(map, [item]);
    else others.push(item);
  }
  const seen: { readonly endedAt: number; readonly event: OutcomeSeen }[] = [];
  for (const [map, open] of maps) {
    const wanted = new Set(open.map((item) => item.id));
    const now = clock.now();
    for (const { id, attempt, row, final } of itemStates(
      await state.readItems(run.id, shapeOf(map, run)),
      map.called.policy ?? {},
    ).values()) {
      if (final === undefined || row.status !== "ended" || !wanted.has(id)) continue;
      seen.push({ endedAt: row.endedAt, event: { t: "outcome", id, attempt, outcome: final, at: now } });
      wanted.delete(id);
    }
    const never = neverStarted(map);
    if (never !== undefined)
      for (const id of wanted) seen.push({ endedAt: now, event: { t: "outcome", id, attempt: 1, outcome: never, at: now } });
  }
  return seen.sort((a, b) => a.endedAt - b.endedAt).map(({ event }) => event);
}

/** Of an inline map that has ended: items without a last row are those that it never came to, since it was cut short. */
function neverStarted({ called, delivered, cancelReason }: MapNode): Outcome | undefined {
  if (called.runtime === "isolated" || delivered === undefined) return undefined;
  return {
    status: "cancelled",
    reason: cancelReason ?? ("reason" in delivered ? delivered.reason : "its map ended before it could start"),
  };
}
