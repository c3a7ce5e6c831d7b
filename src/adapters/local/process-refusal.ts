import { availableParallelism, totalmem } from "node:os";

/** Why this machine cannot run a step with these needs; undefined when it can. */
export function localRefusal(needs: { readonly operator?: string; readonly memoryMb?: number; readonly cpu?: number }): string | undefined {
  const machineMb = Math.floor(Math.min(totalmem(), process.constrainedMemory() || Infinity) / 2 ** 20);
  const cores = availableParallelism();
  const { operator, memoryMb = 0, cpu = 0 } = needs;
  if (operator !== undefined && operator !== "process")
    return `there is no step operator "${operator}" here: an embedded engine has "process" only`;
  if (memoryMb > machineMb) return `it needs ${memoryMb} MB of memory, and this machine has ${machineMb} MB`;
  if (cpu > cores) return `it needs ${cpu} cores, and this machine has ${cores}`;
  return undefined;
}
