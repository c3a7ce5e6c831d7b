import { formatDuration } from "../../model/duration.ts";
import type { Needs } from "../../ports/step-operator.ts";
import type { OperatorTarget } from "./lambda-message.ts";

/** The memory at which Lambda gives a function one vCPU; more memory has more in proportion. */
const mbPerCpu = 1_769;

/** The operator that is named, else the smallest that has what is needed. */
export function operatorFor(operators: readonly OperatorTarget[], { operator, memoryMb = 0, cpu = 0 }: Needs): OperatorTarget | undefined {
  const enough = operators.filter((target) => target.memoryMb >= memoryMb && target.memoryMb >= cpu * mbPerCpu);
  if (operator !== undefined) return enough.find(({ name }) => name === operator);
  return enough.toSorted((a, b) => a.memoryMb - b.memoryMb)[0];
}

/** Why no operator has what is needed; `maxStepMs`: how long a step may take in any of them. */
export function operatorRefusal(operators: readonly OperatorTarget[], needs: Needs, maxStepMs: number): string | undefined {
  const { operator, memoryMb = 0, cpu = 0, timeoutMs = 0 } = needs;
  const possible = operators.filter(({ name }) => operator === undefined || name === operator);
  const largest = possible.toSorted((a, b) => b.memoryMb - a.memoryMb)[0];
  if (largest === undefined) return unknown(operators, operator);
  const has = `${operator === undefined ? "the largest step operator" : "its step operator"}, "${largest.name}", has ${largest.memoryMb} MB`;
  if (memoryMb > largest.memoryMb) return `it needs ${memoryMb} MB of memory, and ${has}`;
  if (cpu * mbPerCpu > largest.memoryMb) return `it needs ${cpu} vCPU, which Lambda gives with ${cpu * mbPerCpu} MB, and ${has}`;
  if (timeoutMs > maxStepMs) return `its timeout is ${formatDuration(timeoutMs)}, and a step operator has ${formatDuration(maxStepMs)}`;
  return undefined;
}

function unknown(operators: readonly OperatorTarget[], operator: string | undefined): string {
  if (operators.length === 0) return "this deployment has no step operators";
  const known = operators.map(({ name, memoryMb }) => `"${name}" (${memoryMb} MB)`).join(", ");
  return `there is no step operator "${operator ?? ""}" in this deployment: it has ${known}`;
}
