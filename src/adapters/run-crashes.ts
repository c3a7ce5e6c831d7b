import type { RunRecord } from "../model/run.ts";

type Crashes = NonNullable<RunRecord["crashes"]>;

/** The crashes with one more: each invocation counts once, and only those at the highest `seq` are kept. */
export function crashesWith(crashes: Crashes | undefined, seq: number, invocation: string): Crashes {
  if (crashes === undefined || crashes.seq < seq) return { seq, invocations: [invocation] };
  if (crashes.seq > seq || crashes.invocations.includes(invocation)) return crashes;
  return { seq, invocations: [...crashes.invocations, invocation] };
}
