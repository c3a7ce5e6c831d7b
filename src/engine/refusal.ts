import type { ErrorCode } from "../model/error-code.ts";
import type { Failure } from "../model/failure.ts";
import type { StepRunId } from "../model/id.ts";
import { MapNode, type Node } from "../orchestrate/node.ts";
import { endUnclaimed } from "../record/attempt.ts";
import { factsOf } from "./launch-map.ts";
import type { MapRange } from "./map-range.ts";
import type { Ports, TurnPorts } from "./ports.ts";
import { settleGroups } from "./settle-group.ts";

/** Why a step run that was launched is never begun. */
export type RefusalCode = Extract<ErrorCode, "missing_operator" | "inline_timeout_too_long">;

export function refusal(id: StepRunId, code: RefusalCode, why: string): Failure {
  return { name: "SkeinError", code, message: `step ${id} cannot be run: ${why}`, step: id, retryable: false };
}

/** Why no place takes this isolated step; undefined: one does, or a map has no items that need one. */
export function refusalOf(node: Node, operator: TurnPorts["operator"]): string | undefined {
  return node instanceof MapNode && node.size === 0 ? undefined : operator.refuses(node.called.policy ?? {});
}

const rowsAtOnce = 32;

/** Ends an isolated map whose items no place takes, item by item: whoever looks at them sees why. Repeating it is harmless. */
export async function refuseMap(range: MapRange, why: string, ports: Ports): Promise<void> {
  const { shape } = range;
  for (let from = 0; from < shape.items; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, shape.items - from);
    await Promise.all(Array.from({ length: count }, (_, i) => refuseItem(range, from + i, why, ports)));
  }
  await settleGroups(factsOf(range), shape, ports);
}

async function refuseItem(range: MapRange, index: number, why: string, ports: Ports): Promise<void> {
  const { key } = range.task(index);
  const outcome = { status: "failed", error: refusal(key.id, "missing_operator", why) } as const;
  await endUnclaimed(ports, key, outcome);
}
